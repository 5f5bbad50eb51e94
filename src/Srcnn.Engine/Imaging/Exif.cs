using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// The little of EXIF we touch. It is a TIFF structure: PNG, JPEG and WebP hold it as a blob; a TIFF file has it as values and directories
/// among its own (<see cref="TiffMetadata"/>).
/// </summary>
internal static class Exif
{
    internal const ushort XResolution = 0x011A, YResolution = 0x011B, ResolutionUnit = 0x0128;

    private const ushort Orientation = 0x0112, ImageWidth = 0x0100, ImageHeight = 0x0101, Width = 0xA002, Height = 0xA003;

    /// <summary>What precedes the TIFF structure in JPEG and in libvips.</summary>
    public static ReadOnlySpan<byte> Prefix => "Exif\0\0"u8;

    /// <summary>A copy without prefix, its orientation set to 1, since the pixels have been turned. What is not EXIF is returned as it is.</summary>
    public static byte[] Upright(ReadOnlySpan<byte> blob) => Patched(blob.StartsWith(Prefix) ? blob[Prefix.Length..] : blob, tag => tag == Orientation ? 1 : null);

    /// <summary>A copy that says this size wherever it said one, and no rotation.</summary>
    public static byte[] Fitted(ReadOnlySpan<byte> blob, int width, int height) => Patched(blob, tag => tag switch
    {
        Orientation => 1,
        Width or ImageWidth => width,
        Height or ImageHeight => height,
        _ => null,
    });

    /// <summary>Whole numbers of the first directory and of the camera's are replaced where they stand; all else, thumbnails too, keeps its place.</summary>
    private static byte[] Patched(ReadOnlySpan<byte> blob, Func<ushort, int?> value)
    {
        var exif = blob.ToArray();
        if (exif.Length < 8) return exif;
        var little = exif[0] == (byte)'I';
        Directory(Int32(4), below: true);
        return exif;

        void Directory(int at, bool below)
        {
            if (at < 8 || at > exif.Length - 2) return;
            var entries = Int16(at);
            for (var entry = at + 2; entries > 0 && entry <= exif.Length - 12; entries--, entry += 12)
            {
                var tag = Int16(entry);
                if (tag == TiffDirectory.Exif && below) Directory(Int32(entry + 8), below: false);
                else if (value(tag) is { } number && Int16(entry + 2) is TiffField.Short or TiffField.Long && Int32(entry + 4) == 1) Put(entry, number);
            }
        }

        void Put(int entry, int number)
        {
            if (number > ushort.MaxValue) Bytes(TiffField.Long, 2).CopyTo(exif, entry + 2);
            Bytes(number, Int16(entry + 2) == TiffField.Short ? 2 : 4).CopyTo(exif, entry + 8);
        }

        byte[] Bytes(int number, int count)
        {
            var bytes = TiffDirectory.Number(number, count);
            if (!little) Array.Reverse(bytes);
            return bytes;
        }

        ushort Int16(int at) => little ? BinaryPrimitives.ReadUInt16LittleEndian(exif.AsSpan(at)) : BinaryPrimitives.ReadUInt16BigEndian(exif.AsSpan(at));

        int Int32(int at) => little ? BinaryPrimitives.ReadInt32LittleEndian(exif.AsSpan(at)) : BinaryPrimitives.ReadInt32BigEndian(exif.AsSpan(at));
    }

    /// <summary>Pixels per metre as EXIF says, null where it does not.</summary>
    public static (double X, double Y)? Resolution(byte[] exif)
    {
        using var stream = new MemoryStream(exif);
        if (TiffDirectoryReader.Of(stream) is not { } reader) return null;
        return Resolution(reader.Read(reader.First, new HashSet<ushort> { XResolution, YResolution, ResolutionUnit }, depth: 0).Fields);
    }

    /// <summary>The same of the values of a directory.</summary>
    public static (double X, double Y)? Resolution(IReadOnlyDictionary<ushort, TiffField> fields)
    {
        double? unit = Number(ResolutionUnit) switch { 2 or null => 0.0254, 3 => 0.01, _ => null }; // inch, where it is not said; centimetre
        return Number(XResolution) / unit is { } x and > 0 and < int.MaxValue && Number(YResolution) / unit is { } y and > 0 and < int.MaxValue ? (x, y) : null;

        double? Number(ushort tag) => fields.TryGetValue(tag, out var field) ? field.Number : null;
    }

    /// <summary>EXIF that says a resolution and nothing else.</summary>
    public static byte[] Of((double X, double Y) resolution)
    {
        var directory = new TiffDirectory();
        Add(resolution, directory);
        return Blob(directory);
    }

    /// <summary>Says a resolution, per inch where that is a whole number and else per centimetre.</summary>
    public static void Add((double X, double Y) resolution, TiffDirectory directory)
    {
        const int Inch = 2, Centimetre = 3;
        (double X, double Y) inch = (resolution.X * 0.0254, resolution.Y * 0.0254);
        var isWhole = Math.Abs(inch.X - Math.Round(inch.X)) + Math.Abs(inch.Y - Math.Round(inch.Y)) < 0.01;
        var (x, y) = isWhole ? (Math.Round(inch.X), Math.Round(inch.Y)) : (resolution.X / 100, resolution.Y / 100);
        directory.Fields[XResolution] = Ratio(x);
        directory.Fields[YResolution] = Ratio(y);
        directory.Fields[ResolutionUnit] = new TiffField(TiffField.Short, 1, TiffDirectory.Number(isWhole ? Inch : Centimetre, 2));

        static TiffField Ratio(double value)
        {
            var below = value == Math.Round(value) ? 1 : value < 40_000 ? 100_000 : 1;
            return TiffField.Ratios((Math.Round(value * below), below));
        }
    }

    /// <summary>A directory as EXIF.</summary>
    public static byte[] Blob(TiffDirectory directory)
    {
        using var blob = new MemoryStream();
        blob.Write([(byte)'I', (byte)'I', 42, 0, 0, 0, 0, 0]);
        TiffDirectory.PointTo(directory.Append(blob, big: false, []), blob, 4, sizeof(uint));
        return blob.ToArray();
    }
}
