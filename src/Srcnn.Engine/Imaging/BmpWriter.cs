using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>Writes BMP bottom-up, which every reader knows, although rows come from the top: each goes to its place in the file.</summary>
internal sealed class BmpWriter : IImageWriter
{
    private readonly string path;
    private readonly Stream stream;
    private readonly ImageInfo info;
    private readonly byte[] stored;
    private readonly int headerSize, dataOffset;
    private int next;

    public BmpWriter(string path, Stream stream, ImageInfo info)
    {
        (this.path, this.stream, this.info) = (path, stream, info);
        // The plain header is the one that every reader knows; a profile and alpha need the newest.
        headerSize = info.HasAlpha || info.Metadata.Icc is not null ? BmpHeader.V5Size : BmpHeader.InfoSize;
        dataOffset = BmpHeader.FileHeaderSize + headerSize + (info.Channels == 1 ? 256 * 4 : 0);
        var stride = ((long)info.Width * info.Channels + 3) / 4 * 4;
        var size = dataOffset + stride * info.Height + (info.Metadata.Icc?.Length ?? 0);
        if (size > uint.MaxValue)
            throw new ImageException(path, $"a BMP file of {size} bytes", "at most 4 GiB; write PNG or TIFF");
        stored = new byte[stride];
        WriteHeader(size);
    }

    public void WriteRows(ReadOnlySpan<ushort> rows)
    {
        var rowLength = info.Width * info.Channels;
        for (; rows.Length > 0; rows = rows[rowLength..], next++)
        {
            var row = rows[..rowLength];
            for (var s = 0; s < rowLength; s++)
                stored[Place(s)] = (byte)Depth.To8(row[s], info.BitDepth);
            stream.Position = dataOffset + (long)stored.Length * (info.Height - 1 - next);
            stream.Write(stored);
        }

        // Blue comes first, alpha last.
        int Place(int sample) => (info.Channels, sample % info.Channels) switch
        {
            ( >= 3, 0) => sample + 2,
            ( >= 3, 2) => sample - 2,
            _ => sample,
        };
    }

    public void Complete()
    {
        if (next != info.Height) throw new InvalidOperationException($"{path}: {next} of {info.Height} rows were written");
        if (info.Metadata.Icc is { } icc)
        {
            stream.Position = dataOffset + (long)stored.Length * info.Height;
            stream.Write(icc);
        }
        stream.Flush();
    }

    public void Dispose() { }

    private void WriteHeader(long size)
    {
        const int Info = BmpHeader.FileHeaderSize, Palette = 256, WindowsColors = 0x57696E20, ForPictures = 4;
        var header = new byte[dataOffset];
        var (x, y) = info.Metadata.PixelsPerMetre ?? (0, 0);
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), (uint)size);
        Put(10, dataOffset);
        Put(Info, headerSize);
        Put(Info + 4, info.Width);
        Put(Info + 8, info.Height);
        header[Info + 12] = 1; // planes
        header[Info + 14] = (byte)(8 * info.Channels);
        Put(Info + 24, (int)Math.Clamp(Math.Round(x), 0, int.MaxValue));
        Put(Info + 28, (int)Math.Clamp(Math.Round(y), 0, int.MaxValue));
        if (info.Channels == 1)
        {
            Put(Info + 32, Palette);
            for (var i = 0; i < Palette; i++) header.AsSpan(Info + headerSize + i * 4, 3).Fill((byte)i);
        }
        if (info.HasAlpha)
        {
            Put(Info + 16, BmpHeader.BitFields);
            for (var c = 0; c < 4; c++) header[Info + BmpHeader.InfoSize + (4 * c) + (c == 3 ? 3 : 2 - c)] = 0xFF; // a mask for each channel
        }
        if (headerSize == BmpHeader.V5Size)
        {
            Put(Info + BmpHeader.ColorSpaceAt, info.Metadata.Icc is null ? WindowsColors : BmpHeader.EmbeddedProfile);
            Put(Info + 108, ForPictures);
            Put(Info + BmpHeader.ProfileAt, info.Metadata.Icc is null ? 0 : (int)(dataOffset - Info + ((long)stored.Length * info.Height)));
            Put(Info + BmpHeader.ProfileSizeAt, info.Metadata.Icc?.Length ?? 0);
        }
        stream.Write(header);

        void Put(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(offset), value);
    }
}
