using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// The little of EXIF we touch. It is a TIFF structure: PNG, JPEG and WebP hold it as a blob; a TIFF file has it as values and directories
/// among its own, which libvips neither reads nor writes.
/// </summary>
internal static class Exif
{
    private const ushort Orientation = 0x0112, XResolution = 0x011A, YResolution = 0x011B, ResolutionUnit = 0x0128, Width = 0xA002, Height = 0xA003;

    /// <summary>The values beside the size and layout that TIFF files of cameras have: description, maker, camera, software, time, artist, computer, rating, copyright, and what Windows calls title, comment, author, keywords and subject.</summary>
    private static readonly HashSet<ushort> Spoken = [0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F];

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
            if (Int16(entry) != Orientation || Int16(entry + 2) != TiffField.Short) continue;
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

    /// <summary>Pixels per metre as EXIF says, null where it does not.</summary>
    public static (double X, double Y)? Resolution(byte[] exif)
    {
        using var stream = new MemoryStream(exif);
        if (TiffDirectoryReader.Of(stream) is not { } reader) return null;
        var fields = reader.Read(reader.First, new HashSet<ushort> { XResolution, YResolution, ResolutionUnit }, depth: 0).Fields;
        double? unit = Number(ResolutionUnit) switch { 2 or null => 0.0254, 3 => 0.01, _ => null }; // inch, where it is not said; centimetre
        return Number(XResolution) / unit is { } x and > 0 and < int.MaxValue && Number(YResolution) / unit is { } y and > 0 and < int.MaxValue ? (x, y) : null;

        double? Number(ushort tag) => fields.TryGetValue(tag, out var field) ? field.Number : null;
    }

    /// <summary>What a TIFF file has of EXIF, as a blob; null where it has none.</summary>
    public static byte[]? OfTiff(string path)
    {
        using var file = File.OpenRead(path);
        if (TiffDirectoryReader.Of(file) is not { } reader) return null;
        var directory = reader.Read(reader.First, Spoken);
        return directory.IsEmpty ? null : Blob(directory);
    }

    /// <summary>A directory as EXIF.</summary>
    public static byte[] Blob(TiffDirectory directory)
    {
        using var blob = new MemoryStream();
        blob.Write([(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
        PointTo(directory.Append(blob, big: false, []), blob, 4, sizeof(uint));
        return blob.ToArray();
    }

    /// <summary>Gives a finished little-endian TIFF file what a blob has of EXIF: its first directory is written once more behind everything, with more in it.</summary>
    public static void AddToTiff(Stream file, byte[] exif, ImageInfo info)
    {
        using var stream = new MemoryStream(exif);
        if (TiffDirectoryReader.Of(stream) is not { } blob || TiffDirectoryReader.Of(file) is not { } tiff) return;
        var directory = blob.Read(blob.First, Spoken);
        if (directory.Directories.TryGetValue(TiffDirectory.Exif, out var camera))
        {
            foreach (var (tag, size) in (ReadOnlySpan<(ushort, int)>)[(Width, info.Width), (Height, info.Height)])
                if (camera.Fields.ContainsKey(tag)) camera.Fields[tag] = TiffField.Of((uint)size);
        }
        var stored = tiff.Entries(tiff.First).Where(e => !directory.Has(BinaryPrimitives.ReadUInt16LittleEndian(e))).ToList();
        PointTo(directory.Append(file, tiff.IsBig, stored), file, tiff.FirstPlace, tiff.IsBig ? sizeof(long) : sizeof(uint));
    }

    private static void PointTo(long directory, Stream stream, int at, int bytes)
    {
        stream.Position = at;
        stream.Write(TiffDirectory.Number(directory, bytes));
    }
}
