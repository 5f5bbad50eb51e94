namespace Srcnn.Engine.Imaging;

/// <summary>The file formats that are read and written.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
    WebP,
    Tiff,
    Bmp,

    /// <summary>PBM, PGM and PPM.</summary>
    Pnm,
    Tga,
}

/// <summary>Formats by content and by extension.</summary>
public static class ImageFormats
{
    /// <summary>Bytes of a file that <see cref="FromContent"/> needs to see.</summary>
    public const int SignatureLength = 12;

    /// <summary>What the formats are called in messages.</summary>
    public const string Names = "PNG, JPEG, WebP, TIFF, BMP, PNM or TGA";

    /// <summary>Pictures that are known and not read: what they are called, their signature and their extensions.</summary>
    private static readonly (string Name, Func<ReadOnlySpan<byte>, bool> Begins, string[] Extensions)[] Refused =
    [
        ("GIF", start => start.StartsWith("GIF8"u8), [".gif"]),
        ("HEIC", start => Brand(start, "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), [".heic", ".heif", ".hif"]),
        ("AVIF", start => Brand(start, "avif", "avis"), [".avif"]),
        ("JPEG XL", start => start is [0xFF, 0x0A, ..] or [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ', ..], [".jxl"]),
        ("JPEG 2000", start => start is [0, 0, 0, 12, (byte)'j', (byte)'P', ..] or [0xFF, 0x4F, 0xFF, 0x51, ..], [".jp2", ".j2k", ".jpx"]),
        ("Photoshop", start => start.StartsWith("8BPS"u8), [".psd", ".psb"]),
        ("PDF", start => start.StartsWith("%PDF"u8), [".pdf"]),
        ("SVG", start => start.StartsWith("<svg"u8), [".svg"]),
        ("OpenEXR", start => start is [0x76, 0x2F, 0x31, 0x01, ..], [".exr"]),
        ("PAM or PFM", start => start is [(byte)'P', (byte)'7' or (byte)'F' or (byte)'f', (byte)'\n', ..], [".pam", ".pfm"]),
        ("icon", start => start is [0, 0, 1, 0, ..], [".ico"]),
        ("camera raw", start => Brand(start, "crx "), [".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".orf", ".rw2"]),
    ];

    /// <summary>The name of a known picture that is not read, by its first bytes; null for any other.</summary>
    public static string? RefusedByContent(ReadOnlySpan<byte> start)
    {
        foreach (var (name, begins, _) in Refused)
            if (begins(start)) return name;
        return null;
    }

    /// <summary>The same by its extension.</summary>
    public static string? RefusedByExtension(string path) =>
        Refused.FirstOrDefault(format => format.Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase)).Name;

    private static bool Brand(ReadOnlySpan<byte> start, params string[] brands) =>
        start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8) && brands.Contains(System.Text.Encoding.Latin1.GetString(start[8..12]));

    /// <summary>The format whose signature the first bytes of a file carry, null where none does.</summary>
    public static ImageFormat? FromContent(ReadOnlySpan<byte> start) => start switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
        [(byte)'P', >= (byte)'1' and <= (byte)'6', (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'#', ..] => ImageFormat.Pnm,
        _ => null,
    };

    /// <summary>The format that the extension of <paramref name="path"/> asks for, null where it is none of ours.</summary>
    public static ImageFormat? FromExtension(string path) => Path.GetExtension(path).ToUpperInvariant() switch
    {
        ".PNG" => ImageFormat.Png,
        ".JPG" or ".JPEG" or ".JPE" or ".JFIF" => ImageFormat.Jpeg,
        ".WEBP" => ImageFormat.WebP,
        ".TIF" or ".TIFF" => ImageFormat.Tiff,
        ".BMP" or ".DIB" => ImageFormat.Bmp,
        ".PBM" or ".PGM" or ".PPM" or ".PNM" => ImageFormat.Pnm,
        ".TGA" or ".ICB" or ".VDA" or ".VST" => ImageFormat.Tga,
        _ => null,
    };

    /// <summary>What people call it.</summary>
    public static string Name(this ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>The usual extension with its dot, in lower case.</summary>
    public static string Extension(this ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => ".jpg",
        ImageFormat.Tiff => ".tif",
        ImageFormat.Pnm => ".ppm",
        _ => "." + format.ToString().ToLowerInvariant(),
    };
}
