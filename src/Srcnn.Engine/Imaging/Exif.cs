using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>The little of EXIF we touch: its prefix in JPEG and its orientation.</summary>
internal static class Exif
{
    private const ushort Orientation = 0x0112, Short = 3;

    /// <summary>What precedes the TIFF structure in JPEG and in libvips.</summary>
    public static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>A copy without prefix, its orientation set to 1, since the pixels have been turned. What is not EXIF is returned as it is.</summary>
    public static byte[] Upright(ReadOnlySpan<byte> blob)
    {
        var exif = (blob.StartsWith(Prefix) ? blob[Prefix.Length..] : blob).ToArray();
        if (exif.Length < 8) return exif;
        var little = exif[0] == (byte)'I';
        var directory = Int32(4);
        if (directory < 8 || directory > exif.Length - 2) return exif;
        var entries = Int16(directory);
        for (var entry = directory + 2; entries > 0 && entry <= exif.Length - 12; entries--, entry += 12)
        {
            if (Int16(entry) != Orientation || Int16(entry + 2) != Short) continue;
            exif[entry + 8] = little ? (byte)1 : (byte)0;
            exif[entry + 9] = little ? (byte)0 : (byte)1;
        }
        return exif;

        int Int16(int at) => little
            ? BinaryPrimitives.ReadUInt16LittleEndian(exif.AsSpan(at))
            : BinaryPrimitives.ReadUInt16BigEndian(exif.AsSpan(at));

        int Int32(int at) => little
            ? BinaryPrimitives.ReadInt32LittleEndian(exif.AsSpan(at))
            : BinaryPrimitives.ReadInt32BigEndian(exif.AsSpan(at));
    }
}
