namespace Srcnn.Engine.Imaging;

/// <summary>
/// Uncompressed BMP in managed code, since libvips as packed has none. Reads 1, 4 and 8 bit with a palette, 24 and 32 bit,
/// either way up; writes 24 bit, 32 bit with alpha, or 8 bit with a grey palette. A profile is kept, EXIF and XMP have no place.
/// </summary>
internal sealed class BmpCodec : IImageCodec
{
    public ImageInfo Probe(string path, ImageFormat format)
    {
        using var stream = File.OpenRead(path);
        return Info(BmpHeader.Read(path, stream));
    }

    public IImageReader Open(string path, ImageFormat format, ReadingOptions options)
    {
        var stream = File.OpenRead(path);
        try
        {
            var header = BmpHeader.Read(path, stream);
            var info = Info(header);
            ImageFile.CheckPixels(path, info, options.MaxPixels);
            return new BmpReader(path, stream, header, info);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    public IImageWriter Create(string path, Stream stream, ImageInfo info, int? quality)
    {
        if (info.Channels == 2)
            throw new ImageException(path, "a grey picture with alpha for a BMP file", "PNG, WebP or TIFF, which keep it");
        return new BmpWriter(path, stream, info);
    }

    private static ImageInfo Info(BmpHeader header) =>
        new(ImageFormat.Bmp, header.Width, header.Height, header.Channels, 8, new ImageMetadata(header.Icc, Resolution: header.Resolution));
}
