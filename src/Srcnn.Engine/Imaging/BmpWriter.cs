using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>Writes BMP bottom-up, which every reader knows, although rows come from the top: each goes to its place in the file.</summary>
internal sealed class BmpWriter : IImageWriter
{
    private const int HeaderSize = 14 + 40, PixelsPerMetre = 2835; // 72 per inch

    private readonly string path;
    private readonly Stream stream;
    private readonly ImageInfo info;
    private readonly byte[] stored;
    private readonly int dataOffset;
    private int next;

    public BmpWriter(string path, Stream stream, ImageInfo info)
    {
        (this.path, this.stream, this.info) = (path, stream, info);
        dataOffset = HeaderSize + (info.Channels == 1 ? 256 * 4 : 0);
        var stride = ((long)info.Width * info.Channels + 3) / 4 * 4;
        var size = dataOffset + stride * info.Height;
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
                stored[info.Channels == 3 ? s + 2 - 2 * (s % 3) : s] = (byte)Depth.To8(row[s], info.BitDepth);
            stream.Position = dataOffset + (long)stored.Length * (info.Height - 1 - next);
            stream.Write(stored);
        }
    }

    public void Complete()
    {
        if (next != info.Height) throw new InvalidOperationException($"{path}: {next} of {info.Height} rows were written");
        stream.Flush();
    }

    public void Dispose() { }

    private void WriteHeader(long size)
    {
        var header = new byte[dataOffset];
        var (x, y) = info.Metadata.Resolution ?? (PixelsPerMetre, PixelsPerMetre);
        "BM"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), (uint)size);
        Put(10, dataOffset);
        Put(14, 40);
        Put(18, info.Width);
        Put(22, info.Height);
        header[26] = 1; // planes
        header[28] = (byte)(8 * info.Channels);
        Put(38, (int)Math.Clamp(Math.Round(x), 0, int.MaxValue));
        Put(42, (int)Math.Clamp(Math.Round(y), 0, int.MaxValue));
        if (info.Channels == 1)
        {
            Put(46, 256);
            for (var i = 0; i < 256; i++) header.AsSpan(HeaderSize + i * 4, 3).Fill((byte)i);
        }
        stream.Write(header);

        void Put(int offset, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(offset), value);
    }
}
