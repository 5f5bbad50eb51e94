namespace Srcnn.Engine.Imaging;

/// <summary>Writes to a temporary name beside the target, flushes it to the disk and renames it, so that the target is old or whole.</summary>
internal sealed class ReplacingWriter : IImageWriter
{
    private readonly string path, temporary;
    private readonly FileStream stream;
    private readonly IImageWriter writer;
    private bool completed;

    public ReplacingWriter(string path, IImageCodec codec, ImageInfo info, int? quality)
    {
        this.path = path;
        var name = $".{Path.GetRandomFileName()}.tmp";
        temporary = Path.Combine(Path.GetDirectoryName(path) ?? "", name);
        stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            writer = codec.Create(path, stream, info, quality);
        }
        catch
        {
            Discard();
            throw;
        }
    }

    public void WriteRows(ReadOnlySpan<ushort> rows) => writer.WriteRows(rows);

    public void Complete()
    {
        writer.Complete();
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(temporary, path, overwrite: true);
        completed = true;
    }

    public void Dispose()
    {
        writer.Dispose();
        if (!completed) Discard();
    }

    private void Discard()
    {
        try
        {
            stream.Dispose(); // writes what is buffered, which a full disk refuses
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
