namespace Srcnn.Engine.Imaging;

/// <summary>What a file says beside its pixels. It goes from input to output as it is, but for size and orientation.</summary>
/// <param name="Icc">ICC profile of grey or RGB samples.</param>
/// <param name="Exif">EXIF as a TIFF structure, without the <c>Exif\0\0</c> prefix of JPEG. Its orientation is always 1.</param>
/// <param name="Xmp">XMP packet, UTF-8.</param>
/// <param name="Resolution">Pixels per metre, null where the file says it in EXIF alone or not at all.</param>
public sealed record ImageMetadata(
    byte[]? Icc = null, byte[]? Exif = null, byte[]? Xmp = null, (double X, double Y)? Resolution = null)
{
    /// <summary>Every kind of metadata and the formats that have a place for it. What is not here is not kept.</summary>
    private static readonly (string Name, Func<ImageMetadata, bool> IsThere, Func<ImageMetadata, ImageFormat, bool> HasPlace)[] Kinds =
    [
        ("ICC profile", m => m.Icc is not null, (m, f) => !IsBare(f) && (f != ImageFormat.WebP || !IccProfile.IsGrey(m.Icc!))), // WebP has no grey samples
        ("colour statement", m => m.Colors is not null, (_, f) => !IsBare(f)), // as it is, or as a profile
        ("resolution", m => m.Resolution is not null, (m, f) => !IsBare(f) && (f != ImageFormat.WebP || m.Exif is null || Imaging.Exif.Resolution(m.Exif) is not null)),
        ("EXIF", m => m.Exif is not null, (m, f) => f != ImageFormat.Bmp && !IsBare(f) && (f != ImageFormat.Jpeg || m.Exif!.Length <= JpegSegments.MostExif)),
        ("XMP", m => m.Xmp is not null, (m, f) => f != ImageFormat.Bmp && !IsBare(f) && (f != ImageFormat.Jpeg || m.Xmp!.Length <= JpegSegments.MostXmp)),
        ("long XMP", m => m.XmpExtensions.Count > 0, (_, f) => f == ImageFormat.Jpeg),
        ("IPTC", m => m.Photoshop is not null, (_, f) => f is ImageFormat.Png or ImageFormat.Jpeg or ImageFormat.Tiff),
        ("comments", m => m.Texts.Any(t => t.IsComment), (_, f) => f is ImageFormat.Png or ImageFormat.Jpeg),
        ("texts", m => m.Texts.Any(t => !t.IsComment), (_, f) => f == ImageFormat.Png),
    ];

    /// <summary>PNM and TGA hold samples and nothing else that others would read.</summary>
    private static bool IsBare(ImageFormat format) => format is ImageFormat.Pnm or ImageFormat.Tga;

    public static ImageMetadata Empty { get; } = new();

    /// <summary>Photoshop's image resources, among them IPTC, as JPEG's APP13 and TIFF have them.</summary>
    public byte[]? Photoshop { get; init; }

    /// <summary>JPEG's comments and PNG's texts, in their order.</summary>
    public IReadOnlyList<TextNote> Texts { get; init; } = [];

    /// <summary>How the file says its colours other than by a profile.</summary>
    public ColorStatement? Colors { get; init; }

    /// <summary>Pixels per metre as the file or its EXIF says.</summary>
    public (double X, double Y)? PixelsPerMetre => Resolution ?? (Exif is null ? null : Imaging.Exif.Resolution(Exif));

    /// <summary>Parts of a long XMP packet that JPEG has in segments of their own.</summary>
    internal IReadOnlyList<byte[]> XmpExtensions { get; init; } = [];

    /// <summary>The names of what a format has no place for.</summary>
    public IReadOnlyList<string> LostIn(ImageFormat format) => [.. Kinds.Where(kind => kind.IsThere(this) && !kind.HasPlace(this, format)).Select(kind => kind.Name)];
}

/// <summary>A text beside the pixels.</summary>
/// <param name="Keyword">PNG's keyword; "Comment" for a comment of JPEG.</param>
/// <param name="Text">Any characters.</param>
/// <param name="Language">As RFC 5646 has it, or empty.</param>
/// <param name="Translated">The keyword in that language, or empty.</param>
public sealed record TextNote(string Keyword, string Text, string Language = "", string Translated = "")
{
    internal const string Comment = "Comment";

    internal bool IsComment => Keyword == Comment;
}
