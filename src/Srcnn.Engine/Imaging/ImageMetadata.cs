namespace Srcnn.Engine.Imaging;

/// <summary>What a file says beside its pixels, carried from input to output as opaque blobs.</summary>
/// <param name="Icc">ICC profile of the samples.</param>
/// <param name="Exif">EXIF as a TIFF structure, without the <c>Exif\0\0</c> prefix of JPEG. Its orientation is always 1.</param>
/// <param name="Xmp">XMP packet, UTF-8.</param>
/// <param name="Resolution">Pixels per metre, null where the file does not say.</param>
public sealed record ImageMetadata(
    byte[]? Icc = null, byte[]? Exif = null, byte[]? Xmp = null, (double X, double Y)? Resolution = null)
{
    public static ImageMetadata Empty { get; } = new();
}
