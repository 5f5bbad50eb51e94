using System.Buffers.Binary;
using System.Text;

namespace Srcnn.Engine.Imaging;

/// <summary>What a JPEG file says beside its pixels, which stands in segments before them.</summary>
internal static class JpegSegments
{
    /// <summary>Bytes in a segment.</summary>
    private const int Most = ushort.MaxValue - sizeof(ushort);

    /// <summary>Digits that the sizes in XMP may gain.</summary>
    private const int SizesGrow = 64;

    private const byte Start = 0xD8, Scan = 0xDA, End = 0xD9, Jfif = 0xE0, App1 = 0xE1, App2 = 0xE2, App13 = 0xED, Comment = 0xFE;
    private const int NoUnit = 0, Inch = 1, Centimetre = 2;

    /// <summary>Bytes of EXIF that fit.</summary>
    public static int MostExif => Most - Exif.Prefix.Length;

    /// <summary>Bytes of XMP that fit.</summary>
    public static int MostXmp => Most - XmpPrefix.Length - SizesGrow;

    private static ReadOnlySpan<byte> JfifPrefix => "JFIF\0"u8;
    private static ReadOnlySpan<byte> XmpPrefix => "http://ns.adobe.com/xap/1.0/\0"u8;
    private static ReadOnlySpan<byte> XmpExtension => "http://ns.adobe.com/xmp/extension/\0"u8;
    private static ReadOnlySpan<byte> IccPrefix => "ICC_PROFILE\0"u8;
    private static ReadOnlySpan<byte> PhotoshopPrefix => "Photoshop 3.0\0"u8;

    public static ImageMetadata Read(Stream file)
    {
        var metadata = ImageMetadata.Empty;
        SortedDictionary<byte, byte[]> icc = [];
        List<byte> photoshop = [];
        List<TextNote> comments = [];
        List<byte[]> extensions = [];
        foreach (var (marker, data) in Segments(file))
        {
            switch (marker)
            {
                case Jfif when data.AsSpan().StartsWith(JfifPrefix) && data.Length >= 12: metadata = metadata with { Resolution = Density(data) }; break;
                case App1 when data.AsSpan().StartsWith(Exif.Prefix): metadata = metadata with { Exif = metadata.Exif ?? Exif.Upright(data) }; break;
                case App1 when data.AsSpan().StartsWith(XmpPrefix): metadata = metadata with { Xmp = data[XmpPrefix.Length..] }; break;
                case App1 when data.AsSpan().StartsWith(XmpExtension): extensions.Add(data); break;
                case App2 when data.AsSpan().StartsWith(IccPrefix) && data.Length > IccPrefix.Length + 2: icc[data[IccPrefix.Length]] = data[(IccPrefix.Length + 2)..]; break;
                case App13 when data.AsSpan().StartsWith(PhotoshopPrefix): photoshop.AddRange(data.AsSpan(PhotoshopPrefix.Length)); break;
                case Comment: comments.Add(new TextNote(TextNote.Comment, Text(data))); break;
            }
        }
        return metadata with
        {
            Icc = IccProfile.OfSamples(icc.Count == 0 ? null : [.. icc.Values.SelectMany(part => part)]),
            Photoshop = photoshop.Count == 0 ? null : [.. photoshop],
            Texts = comments,
            XmpExtensions = extensions,
        };
    }

    /// <summary>What an encoder wrote first, with the metadata in place of its own.</summary>
    /// <param name="encoded">At least its application segments and the marker behind them.</param>
    public static byte[] Head(ReadOnlySpan<byte> encoded, ImageInfo info)
    {
        var rest = 2;
        while (encoded[rest + 1] is >= Jfif and <= 0xEF) rest += 2 + BinaryPrimitives.ReadUInt16BigEndian(encoded[(rest + 2)..]);
        var metadata = info.Metadata;
        var head = new MemoryStream();
        head.Write([0xFF, Start]);
        Put(Jfif, JfifPrefix, Density(metadata.Resolution));
        if (metadata.Exif is { } exif && exif.Length <= MostExif) Put(App1, Exif.Prefix, Exif.Fitted(exif, info.Width, info.Height));
        if (metadata.Xmp is { } xmp && xmp.Length <= MostXmp) Put(App1, XmpPrefix, XmpPacket.Fitted(xmp, info.Width, info.Height));
        foreach (var extension in metadata.XmpExtensions) Put(App1, [], extension);
        foreach (var part in Parts(metadata.Photoshop, Most - PhotoshopPrefix.Length)) Put(App13, PhotoshopPrefix, part);
        byte[][] profile = [.. Parts(metadata.Icc, Most - IccPrefix.Length - 2)];
        for (var i = 0; i < Math.Min(profile.Length, byte.MaxValue); i++) Put(App2, IccPrefix, [(byte)(i + 1), (byte)profile.Length, .. profile[i]]);
        foreach (var comment in metadata.Texts.Where(text => text.IsComment))
            foreach (var part in Parts(Encoding.UTF8.GetBytes(comment.Text), Most)) Put(Comment, [], part);
        head.Write(encoded[rest..]);
        return head.ToArray();

        void Put(byte marker, ReadOnlySpan<byte> prefix, byte[] data)
        {
            var length = sizeof(ushort) + prefix.Length + data.Length;
            head.Write([0xFF, marker, (byte)(length >> 8), (byte)length, .. prefix, .. data]);
        }
    }

    /// <summary>Those before the first scan.</summary>
    private static IEnumerable<(byte Marker, byte[] Data)> Segments(Stream file)
    {
        file.Position = 2;
        while (file.ReadByte() == 0xFF)
        {
            int marker;
            do marker = file.ReadByte(); while (marker == 0xFF);
            if (marker is < 0xC0 or Scan or End) yield break;
            var length = (file.ReadByte() << 8 | file.ReadByte()) - sizeof(ushort);
            if (length < 0 || file.Position + length > file.Length) yield break;
            var data = new byte[length];
            file.ReadExactly(data);
            yield return ((byte)marker, data);
        }
    }

    private static IEnumerable<byte[]> Parts(byte[]? data, int length) => data is null ? [] : data.Chunk(length);

    private static (double, double)? Density(byte[] jfif)
    {
        var perMetre = jfif[7] switch { Inch => 1 / 0.0254, Centimetre => 100, _ => 0 };
        double x = BinaryPrimitives.ReadUInt16BigEndian(jfif.AsSpan(8)), y = BinaryPrimitives.ReadUInt16BigEndian(jfif.AsSpan(10));
        return perMetre > 0 && x > 0 && y > 0 ? (x * perMetre, y * perMetre) : null;
    }

    /// <summary>Version, unit, whole pixels per unit, and no thumbnail. The unit is the one that needs less rounding.</summary>
    private static byte[] Density((double X, double Y)? resolution)
    {
        var (unit, x, y) = (NoUnit, 1.0, 1.0);
        if (resolution is { } perMetre)
        {
            (double X, double Y) inch = (perMetre.X * 0.0254, perMetre.Y * 0.0254), centimetre = (perMetre.X / 100, perMetre.Y / 100);
            (unit, (x, y)) = Off(inch) <= Off(centimetre) ? (Inch, inch) : (Centimetre, centimetre);
        }
        return [1, 1, (byte)unit, .. Whole(x), .. Whole(y), 0, 0];

        static double Off((double X, double Y) density) => Math.Abs(density.X - Math.Round(density.X)) / density.X + (Math.Abs(density.Y - Math.Round(density.Y)) / density.Y);

        static byte[] Whole(double value)
        {
            var whole = (int)Math.Clamp(Math.Round(value), 1, ushort.MaxValue);
            return [(byte)(whole >> 8), (byte)whole];
        }
    }

    private static string Text(byte[] data)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(data);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(data);
        }
    }
}
