using Srcnn.Engine.Files;

namespace Srcnn.Engine.Imaging;

/// <summary>Takes the pages of a picture file one after the other, written to a temporary name beside the target that takes its place at the end.</summary>
public sealed class PictureWriter : IDisposable
{
    private readonly string path;
    private readonly UnfinishedFile file;
    private readonly int? quality;
    private readonly bool isBig;
    private Page? current;
    private bool hasPages;

    /// <param name="isBig">Whether places in a TIFF take 8 bytes; of several pages all or none.</param>
    internal PictureWriter(string path, int? quality, bool isBig)
    {
        (this.path, this.quality, this.isBig) = (path, quality, isBig);
        file = new UnfinishedFile(path);
    }

    /// <summary>Begins a page, which is to be completed before the next one.</summary>
    /// <exception cref="ImageException">The format cannot hold it.</exception>
    public IImageWriter Next(ImageInfo info)
    {
        // A further page is a file of its own, since encoders count places from the start of one.
        var own = hasPages ? new UnfinishedFile(path) : null;
        try
        {
            current = new Page(this, ImageFile.Codec(info.Format).Create(path, (own ?? file).Stream, FileMetadata.For(path, info) with { NeedsBigTiff = isBig }, quality), own);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
        hasPages = true;
        return current;
    }

    /// <summary>Flushes the file to the disk and renames it, so that the target is old or whole.</summary>
    public void Complete()
    {
        try
        {
            file.Finish();
        }
        catch (IOException e)
        {
            throw new IOException($"{path}: {e.Message}", e); // which the temporary name would hide
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        current?.Dispose();
        file.Dispose();
    }

    private sealed class Page(PictureWriter picture, IImageWriter writer, UnfinishedFile? own) : IImageWriter
    {
        public void WriteRows(ReadOnlySpan<ushort> rows) => writer.WriteRows(rows);

        public void Complete()
        {
            writer.Complete();
            if (own is not null) TiffPages.Append(picture.file.Stream, own.Stream);
        }

        public void Dispose()
        {
            writer.Dispose();
            own?.Dispose();
        }
    }
}

/// <summary>A picture of one page, whose end is that of the file.</summary>
internal sealed class ReplacingWriter : IImageWriter
{
    private readonly PictureWriter picture;
    private readonly IImageWriter page;

    public ReplacingWriter(string path, ImageInfo info, int? quality)
    {
        picture = new PictureWriter(path, quality, info.Bytes > ImageInfo.MostSmallTiff);
        try
        {
            page = picture.Next(info);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    public void WriteRows(ReadOnlySpan<ushort> rows) => page.WriteRows(rows);

    public void Complete()
    {
        page.Complete();
        picture.Complete();
    }

    public void Dispose() => picture.Dispose();
}
