using System.Buffers.Binary;
using System.Numerics;

namespace Srcnn.Engine.Imaging;

/// <summary>The headers of a BMP file, checked against the file's length before anything is allocated.</summary>
/// <param name="BottomUp">The first stored row is the lowest.</param>
/// <param name="DataOffset">Where the rows begin, in bytes from the start of the file.</param>
/// <param name="Stride">Bytes per stored row, a multiple of 4.</param>
/// <param name="Palette">RGB of every index, empty for 24 and 32 bit.</param>
/// <param name="Icc">The profile in the file, where there is one.</param>
/// <param name="Shifts">Where red, green, blue and alpha lie in a pixel of 32 bit; alpha −1 where there is none.</param>
internal sealed record BmpHeader(
    int Width, int Height, bool BottomUp, int BitsPerPixel, long DataOffset, long Stride,
    byte[] Palette, (int Red, int Green, int Blue, int Alpha) Shifts, (double X, double Y)? Resolution, byte[]? Icc)
{
    public const int FileHeaderSize = 14, InfoSize = 40, V5Size = 124, BitFields = 3;

    /// <summary>What a colour space is called that a profile in the file describes, "MBED".</summary>
    public const int EmbeddedProfile = 0x4D424544;

    /// <summary>Where the header of version 5 says these, from its start.</summary>
    public const int ColorSpaceAt = 56, ProfileAt = 112, ProfileSizeAt = 116;

    private const int CoreSize = 12, V2Size = 52, V3Size = 56, V4Size = 108;
    private const int RgbCompression = 0, AlphaBitFields = 6, MostProfileBytes = 16 << 20;

    /// <summary>Whether all palette entries are grey, so that the picture is a grey one.</summary>
    public bool IsGrey
    {
        get
        {
            for (var i = 0; i < Palette.Length; i += 3)
                if (Palette[i] != Palette[i + 1] || Palette[i] != Palette[i + 2]) return false;
            return Palette.Length > 0;
        }
    }

    public int Channels => IsGrey ? 1 : Shifts.Alpha >= 0 ? 4 : 3;

    /// <summary>Reads the headers from the start of <paramref name="stream"/>.</summary>
    public static BmpHeader Read(string path, Stream stream)
    {
        Span<byte> bytes = stackalloc byte[FileHeaderSize + V5Size];
        bytes = bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        if (bytes.Length < FileHeaderSize + CoreSize)
            throw new ImageException(path, $"a BMP file of {bytes.Length} bytes", "a complete header");

        var size = BinaryPrimitives.ReadInt32LittleEndian(bytes[FileHeaderSize..]);
        if (size is not (CoreSize or InfoSize or V2Size or V3Size or V4Size or V5Size) || bytes.Length < FileHeaderSize + size)
            throw new ImageException(path, $"a BMP header of {size} bytes", "12, 40, 52, 56, 108 or 124 bytes within the file");
        var header = bytes.Slice(FileHeaderSize, size);
        var core = size == CoreSize;
        var width = core ? BinaryPrimitives.ReadUInt16LittleEndian(header[4..]) : BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        var signedHeight = core ? BinaryPrimitives.ReadUInt16LittleEndian(header[6..]) : BinaryPrimitives.ReadInt32LittleEndian(header[8..]);
        var bits = BinaryPrimitives.ReadUInt16LittleEndian(header[(core ? 10 : 14)..]);
        var compression = core ? RgbCompression : BinaryPrimitives.ReadInt32LittleEndian(header[16..]);
        if (width < 1 || signedHeight is 0 or int.MinValue)
            throw new ImageException(path, $"a BMP header that says {width}×{signedHeight} pixels", "at least 1×1");
        if (compression is 1 or 2)
            throw new ImageException(path, "a BMP file with run-length compression", "an uncompressed one; convert it to PNG");
        if (compression != RgbCompression && !(compression is BitFields or AlphaBitFields && bits == 32))
            throw new ImageException(path, $"a BMP file with compression {compression} at {bits} bit", "an uncompressed one; convert it to PNG");
        if (bits is not (1 or 4 or 8 or 24 or 32))
            throw new ImageException(path, $"a BMP file of {bits} bit per pixel", "1, 4, 8, 24 or 32 bit");

        long dataOffset = BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]);
        var height = Math.Abs(signedHeight);
        var stride = ((long)width * bits + 31) / 32 * 4;
        var needed = (Int128)dataOffset + (Int128)stride * height;
        if (dataOffset < FileHeaderSize + size || needed > stream.Length)
            throw new ImageException(path, $"a BMP file of {stream.Length} bytes",
                $"{needed} bytes for the {width}×{height} pixels of {bits} bit that its header announces");

        return new BmpHeader(
            width, height, signedHeight > 0, bits, dataOffset, stride,
            ReadPalette(path, stream, header, bits, dataOffset),
            bits == 32 ? ReadShifts(path, stream, header, compression) : (16, 8, 0, -1),
            ReadResolution(header), ReadProfile(stream, header));
    }

    private static byte[] ReadPalette(string path, Stream stream, ReadOnlySpan<byte> header, int bits, long dataOffset)
    {
        if (bits > 8) return [];
        var core = header.Length == CoreSize;
        long count = core ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(header[32..]);
        var entrySize = core ? 3 : 4;
        if (count == 0) count = 1 << bits;
        long start = FileHeaderSize + header.Length;
        if (core) count = Math.Min(count, (dataOffset - start) / entrySize); // old files may store fewer than 2^bits
        if (count < 1 || count > 1 << bits || start + count * entrySize > dataOffset)
            throw new ImageException(path, $"a BMP palette of {count} colours", $"at most {1 << bits}, all before the pixels");
        var stored = new byte[count * entrySize];
        stream.Position = start;
        stream.ReadExactly(stored);
        var palette = new byte[count * 3];
        for (var i = 0; i < count; i++)
            (palette[i * 3], palette[i * 3 + 1], palette[i * 3 + 2]) =
                (stored[i * entrySize + 2], stored[i * entrySize + 1], stored[i * entrySize]);
        return palette;
    }

    private static (int, int, int, int) ReadShifts(string path, Stream stream, ReadOnlySpan<byte> header, int compression)
    {
        if (compression == RgbCompression) return (16, 8, 0, -1); // the fourth byte is unused and mostly zero
        Span<byte> masks = stackalloc byte[16];
        masks.Clear();
        var stored = compression == AlphaBitFields || header.Length >= V3Size ? 16 : 12;
        stream.Position = FileHeaderSize + InfoSize; // masks follow the 40 bytes in every version
        stream.ReadExactly(masks[..stored]);
        var shifts = new int[4];
        for (var c = 0; c < 4; c++)
        {
            var mask = BinaryPrimitives.ReadUInt32LittleEndian(masks[(c * 4)..]);
            shifts[c] = mask == 0 && c == 3 ? -1 : BitOperations.TrailingZeroCount(mask);
            if (shifts[c] is not (-1 or 0 or 8 or 16 or 24) || shifts[c] >= 0 && mask >> shifts[c] != 0xFF)
                throw new ImageException(path, $"a BMP file with the channel mask {mask:X8}", "8 bit per channel on byte borders");
        }
        return (shifts[0], shifts[1], shifts[2], shifts[3]);
    }

    private static (double, double)? ReadResolution(ReadOnlySpan<byte> header)
    {
        if (header.Length < InfoSize) return null;
        var (x, y) = (BinaryPrimitives.ReadInt32LittleEndian(header[24..]), BinaryPrimitives.ReadInt32LittleEndian(header[28..]));
        return x > 0 && y > 0 ? (x, y) : null;
    }

    private static byte[]? ReadProfile(Stream stream, ReadOnlySpan<byte> header)
    {
        if (header.Length < V5Size || BinaryPrimitives.ReadInt32LittleEndian(header[ColorSpaceAt..]) != EmbeddedProfile) return null;
        long start = FileHeaderSize + (long)BinaryPrimitives.ReadUInt32LittleEndian(header[ProfileAt..]), length = BinaryPrimitives.ReadUInt32LittleEndian(header[ProfileSizeAt..]);
        if (length is 0 or > MostProfileBytes || start + length > stream.Length) return null;
        var profile = new byte[length];
        stream.Position = start;
        stream.ReadExactly(profile);
        return profile;
    }
}
