namespace Srcnn.Engine.Imaging;

/// <summary>The file formats that are read and written.</summary>
public enum ImageFormat
{
    Png,
    Jpeg,
    WebP,
    Tiff,
    Bmp,
}

/// <summary>Formats by content and by extension.</summary>
public static class ImageFormats
{
    /// <summary>Bytes of a file that <see cref="FromContent"/> needs to see.</summary>
    public const int SignatureLength = 12;

    /// <summary>What the formats are called in messages.</summary>
    public const string Names = "PNG, JPEG, WebP, TIFF or BMP";

    /// <summary>The format whose signature the first bytes of a file carry, null where none does.</summary>
    public static ImageFormat? FromContent(ReadOnlySpan<byte> start) => start switch
    {
        [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => ImageFormat.Png,
        [0xFF, 0xD8, 0xFF, ..] => ImageFormat.Jpeg,
        [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] => ImageFormat.WebP,
        [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..] => ImageFormat.Tiff,
        [(byte)'B', (byte)'M', ..] => ImageFormat.Bmp,
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
        _ => null,
    };

    /// <summary>What people call it.</summary>
    public static string Name(this ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>The usual extension with its dot, in lower case.</summary>
    public static string Extension(this ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => ".jpg",
        ImageFormat.Tiff => ".tif",
        _ => "." + format.ToString().ToLowerInvariant(),
    };
}
