using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>What the decoder of BMP does not tell: whether the palette is grey, whether there is alpha, resolution and profile; and whether the file is long enough.</summary>
/// <param name="Channels">1 where all colours of a palette are grey, 4 where a mask says which bits are alpha, else 3.</param>
internal sealed record BmpHeader(int Channels, ImageMetadata Metadata)
{
    private const int FileHeaderSize = 14, CoreSize = 12, InfoSize = 40, V3Size = 56, V5Size = 124;
    private const int AlphaMaskAt = 52, ColorSpaceAt = 56, ProfileAt = 112, ProfileSizeAt = 116, MostProfileBytes = 16 << 20;
    private const int Uncompressed = 0, BitFields = 3, AlphaBitFields = 6, EmbeddedProfile = 0x4D424544;

    /// <exception cref="ImageException">The header is broken, or announces more than the file has.</exception>
    public static BmpHeader Read(string path, Stream file)
    {
        Span<byte> start = stackalloc byte[FileHeaderSize + V5Size];
        start.Clear();
        file.Position = 0;
        var length = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        var header = start[FileHeaderSize..];
        var size = Int32(header, 0);
        if (length < FileHeaderSize + CoreSize || size < CoreSize || (size > CoreSize && length < FileHeaderSize + Math.Min(size, InfoSize)))
            throw new ImageException(path, $"a BMP file of {length} bytes", "a complete header");
        var isCore = size == CoreSize;
        long width = isCore ? UInt16(header, 4) : Int32(header, 4), height = isCore ? UInt16(header, 6) : Math.Abs((long)Int32(header, 8));
        int bits = UInt16(header, isCore ? 10 : 14), compression = isCore ? Uncompressed : Int32(header, 16);
        if (width is < 1 or > int.MaxValue || height is < 1 or > int.MaxValue) throw new ImageException(path, $"a BMP header that says {width}×{height} pixels", "at least 1×1");
        long data = BinaryPrimitives.ReadUInt32LittleEndian(start[10..]), needed = data + (((width * bits) + 31) / 32 * 4 * height);
        if (compression is Uncompressed or BitFields or AlphaBitFields && (needed > file.Length || width * bits / 8 > int.MaxValue))
            throw new ImageException(path, $"a BMP file of {file.Length} bytes", $"{needed} bytes for the {width}×{height} pixels of {bits} bit that its header announces");
        var hasAlpha = bits is 16 or 32 && (compression == AlphaBitFields || (compression == BitFields && size >= V3Size)) && Int32(header, AlphaMaskAt) != 0;
        var channels = bits <= 8 && HasGreyPalette(file, size, data, isCore ? 3 : 4) ? 1 : hasAlpha ? 4 : 3;
        (double, double)? resolution = !isCore && Int32(header, 24) > 0 && Int32(header, 28) > 0 ? (Int32(header, 24), Int32(header, 28)) : null;
        return new BmpHeader(channels, new ImageMetadata(IccProfile.OfSamples(Profile(file, header, size)), Resolution: resolution));
    }

    /// <summary>What an encoder wrote, with the metadata: it writes a resolution nobody said and has no place for a profile, which only the newest header has.</summary>
    public static byte[] Finished(ReadOnlySpan<byte> encoded, ImageInfo info)
    {
        int size = Int32(encoded, FileHeaderSize), data = Int32(encoded, 10);
        var (x, y) = info.Metadata.PixelsPerMetre ?? (0, 0);
        var icc = info.Metadata.Icc;
        var grown = icc is null ? 0 : V5Size - size;
        var file = new byte[encoded.Length + grown + (icc?.Length ?? 0)];
        encoded[..(FileHeaderSize + size)].CopyTo(file);
        encoded[(FileHeaderSize + size)..].CopyTo(file.AsSpan(FileHeaderSize + size + grown));
        Put(2, file.Length);
        Put(10, data + grown);
        Put(FileHeaderSize + 24, Whole(x));
        Put(FileHeaderSize + 28, Whole(y));
        if (icc is null) return file;
        Put(FileHeaderSize, V5Size);
        Put(FileHeaderSize + ColorSpaceAt, EmbeddedProfile);
        Put(FileHeaderSize + 108, ForPictures);
        Put(FileHeaderSize + ProfileAt, encoded.Length + grown - FileHeaderSize);
        Put(FileHeaderSize + ProfileSizeAt, icc.Length);
        icc.CopyTo(file, encoded.Length + grown);
        return file;

        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(at), value);

        static int Whole(double value) => (int)Math.Clamp(Math.Round(value), 0, int.MaxValue);
    }

    private const int ForPictures = 4; // the rendering intent

    private static bool HasGreyPalette(Stream file, int size, long data, int entryBytes)
    {
        var length = Math.Min(data - FileHeaderSize - size, 256 * entryBytes);
        if (length < entryBytes) return false;
        var palette = new byte[length / entryBytes * entryBytes];
        file.Position = FileHeaderSize + size;
        if (file.ReadAtLeast(palette, palette.Length, throwOnEndOfStream: false) < palette.Length) return false;
        for (var at = 0; at < palette.Length; at += entryBytes)
            if (palette[at] != palette[at + 1] || palette[at] != palette[at + 2]) return false;
        return true;
    }

    private static byte[]? Profile(Stream file, ReadOnlySpan<byte> header, int size)
    {
        if (size < V5Size || Int32(header, ColorSpaceAt) != EmbeddedProfile) return null;
        long place = FileHeaderSize + (long)BinaryPrimitives.ReadUInt32LittleEndian(header[ProfileAt..]), length = BinaryPrimitives.ReadUInt32LittleEndian(header[ProfileSizeAt..]);
        if (length is 0 or > MostProfileBytes || place + length > file.Length) return null;
        var profile = new byte[length];
        file.Position = place;
        file.ReadExactly(profile);
        return profile;
    }

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);
}
