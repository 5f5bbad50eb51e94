using Srcnn.Engine.Files;

namespace Srcnn.Engine.Imaging;

/// <summary>Writes to a temporary name beside the target, flushes it to the disk and renames it, so that the target is old or whole.</summary>
internal sealed class ReplacingWriter : IImageWriter
{
    private readonly UnfinishedFile file;
    private readonly IImageWriter writer;

    public ReplacingWriter(string path, IImageCodec codec, ImageInfo info, int? quality)
    {
        file = new UnfinishedFile(path);
        try
        {
            writer = codec.Create(path, file.Stream, info, quality);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void WriteRows(ReadOnlySpan<ushort> rows) => writer.WriteRows(rows);

    public void Complete()
    {
        writer.Complete();
        file.Finish();
    }

    public void Dispose()
    {
        writer.Dispose();
        file.Dispose();
    }
}
