namespace Srcnn.Engine.Imaging;

/// <summary>What files say beside their pixels, read and written by ourselves: libraries of codecs leave out what they do not know and say what nobody said.</summary>
internal static class FileMetadata
{
    public static ImageMetadata Read(string path, ImageFormat format)
    {
        using var file = File.OpenRead(path);
        return format switch
        {
            ImageFormat.Png => PngChunks.Read(file).Metadata,
            ImageFormat.Jpeg => JpegSegments.Read(file),
            ImageFormat.WebP => WebPChunks.Read(file).Metadata,
            ImageFormat.Tiff => TiffMetadata.Read(file),
            _ => ImageMetadata.Empty,
        };
    }

    /// <summary>What an encoder is to write: a statement that the format has no place for becomes a profile. A WebP file is never grey.</summary>
    /// <exception cref="ImageException">No profile can say it.</exception>
    public static ImageInfo For(string path, ImageInfo info) =>
        info.Metadata.Colors is not { } colors || colors.HasPlaceIn(info.Format) ? info
            : info with { Metadata = info.Metadata with { Icc = colors.AsProfile(path, info.Metadata.Icc, info.Channels <= 2 && info.Format != ImageFormat.WebP), Colors = null } };
}
