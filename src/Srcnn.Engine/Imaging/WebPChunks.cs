using System.Buffers.Binary;
using System.Text;

namespace Srcnn.Engine.Imaging;

/// <summary>What a WebP file says beside its pixels, which stands in chunks of its own.</summary>
internal static class WebPChunks
{
    private const int HeadLength = 12, ExtendedLength = 10, MostBytes = 16 << 20;
    private const byte IccFlag = 0x20, AlphaFlag = 0x10, ExifFlag = 0x08, XmpFlag = 0x04;

    /// <summary>The metadata, and how many frames an animation has; 1 where it is none.</summary>
    public static (ImageMetadata Metadata, int Frames) Read(Stream file)
    {
        var metadata = ImageMetadata.Empty;
        var frames = 0;
        var head = new byte[8];
        file.Position = HeadLength;
        while (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            long length = BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)), next = file.Position + length + (length & 1);
            if (file.Position + length > file.Length) break;
            switch (Encoding.Latin1.GetString(head, 0, 4))
            {
                case "ICCP" when length <= MostBytes: metadata = metadata with { Icc = IccProfile.OfSamples(Data()) }; break;
                case "EXIF" when length <= MostBytes: metadata = metadata with { Exif = Exif.Upright(Data()) }; break;
                case "XMP " when length <= MostBytes: metadata = metadata with { Xmp = Data() }; break;
                case "ANMF": frames++; break;
            }
            file.Position = next;

            byte[] Data()
            {
                var data = new byte[length];
                file.ReadExactly(data);
                return data;
            }
        }
        return (metadata, Math.Max(1, frames));
    }

    /// <summary>Gives a finished file of pixels alone the metadata. It is a picture in memory for a moment: its largest size is that of the format.</summary>
    public static void Finish(Stream file, ImageInfo info)
    {
        var metadata = info.Metadata;
        var exif = metadata.Exif is { } given ? Exif.Fitted(given, info.Width, info.Height) : metadata.Resolution is { } resolution ? Exif.Of(resolution) : null;
        var xmp = metadata.Xmp is { } packet ? XmpPacket.Fitted(packet, info.Width, info.Height) : null;
        var profile = metadata.Icc is { } icc && !IccProfile.IsGrey(icc) ? icc : null;
        if (profile is null && exif is null && xmp is null) return;
        var pixels = new byte[file.Length - HeadLength];
        file.Position = HeadLength;
        file.ReadExactly(pixels);
        byte[] extended;
        if (pixels.AsSpan().StartsWith("VP8X"u8)) (extended, pixels) = (pixels[8..(8 + ExtendedLength)], pixels[(8 + ExtendedLength)..]);
        else extended = [info.HasAlpha ? AlphaFlag : (byte)0, 0, 0, 0, .. Number(info.Width - 1, 3), .. Number(info.Height - 1, 3)];
        extended[0] |= (byte)((profile is null ? 0 : IccFlag) | (exif is null ? 0 : ExifFlag) | (xmp is null ? 0 : XmpFlag));
        List<byte[]> chunks = [Chunk("VP8X", extended)];
        if (profile is not null) chunks.Add(Chunk("ICCP", profile));
        chunks.Add(pixels);
        if (exif is not null) chunks.Add(Chunk("EXIF", exif));
        if (xmp is not null) chunks.Add(Chunk("XMP ", xmp));
        file.SetLength(0);
        file.Write([.. "RIFF"u8, .. Number(4 + chunks.Sum(chunk => (long)chunk.Length), 4), .. "WEBP"u8]);
        foreach (var chunk in chunks) file.Write(chunk);
    }

    private static byte[] Chunk(string name, byte[] data) => [.. Encoding.Latin1.GetBytes(name), .. Number(data.Length, 4), .. data, .. new byte[data.Length & 1]];

    private static byte[] Number(long value, int bytes) => TiffDirectory.Number(value, bytes);
}
