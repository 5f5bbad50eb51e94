namespace Srcnn.Engine.Files;

/// <summary>A file of no name in the system's place for such, gone when disposed: for streams that something must seek in.</summary>
public sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("srcnn-");

    /// <param name="name">What messages call it; nothing is created under it yet.</param>
    public TemporaryFile(string name = "stream") => Path = System.IO.Path.Combine(folder.FullName, name);

    /// <summary>Where it lies. The folder is its own, so that files may be made beside it.</summary>
    public string Path { get; }

    /// <summary>Reads <paramref name="stream"/> to its end.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static TemporaryFile Of(Stream stream, string name = "stream", CancellationToken stop = default)
    {
        var file = new TemporaryFile(name);
        try
        {
            using var copy = File.Create(file.Path);
            stream.CopyToAsync(copy, stop).GetAwaiter().GetResult(); // the only copy that can be stopped
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes its content into <paramref name="stream"/>.</summary>
    public void CopyTo(Stream stream)
    {
        using var copy = File.OpenRead(Path);
        copy.CopyTo(stream);
        stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => folder.Delete(recursive: true);
}
