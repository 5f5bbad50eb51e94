namespace Srcnn.Engine.Imaging;

/// <summary>What files say beside their pixels, read and written by ourselves: libraries of codecs leave out what they do not know and say what nobody said.</summary>
internal static class FileMetadata
{
    /// <summary>The metadata, and the number of pages or frames.</summary>
    /// <param name="page">From 0; one that is not there has no metadata.</param>
    public static (ImageMetadata Metadata, int Pages) Read(string path, ImageFormat format, int page = 0)
    {
        using var file = File.OpenRead(path);
        switch (format)
        {
            case ImageFormat.Png: return PngChunks.Read(file);
            case ImageFormat.Jpeg: return (JpegSegments.Read(file), 1);
            case ImageFormat.WebP: return WebPChunks.Read(file);
            case ImageFormat.Tiff:
                var places = TiffPages.Places(file);
                return (page >= 0 && page < places.Count ? TiffMetadata.Read(file, places[page]) : ImageMetadata.Empty, Math.Max(1, places.Count));
            default: return (ImageMetadata.Empty, 1);
        }
    }

    /// <summary>What an encoder is to write: a statement that the format has no place for becomes a profile. A WebP file is never grey.</summary>
    /// <exception cref="ImageException">No profile can say it.</exception>
    public static ImageInfo For(string path, ImageInfo info) =>
        info.Metadata.Colors is not { } colors || colors.HasPlaceIn(info.Format) ? info
            : info with { Metadata = info.Metadata with { Icc = colors.AsProfile(path, info.Metadata.Icc, info.Channels <= 2 && info.Format != ImageFormat.WebP), Colors = null } };
}
