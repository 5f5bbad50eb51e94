namespace Srcnn.Engine.Files;

/// <summary>
/// A file of no name in the system's place for such, gone when disposed: for streams that something must seek in. What a killed process has left
/// is removed by the next one that makes such a file, as with <see cref="UnfinishedFile"/>.
/// </summary>
public sealed class TemporaryFile : IDisposable
{
    private const string Prefix = "srcnn-stream-", LockName = "lock";

    private static bool cleaned;

    private readonly DirectoryInfo folder;
    private readonly FileStream alive;

    /// <param name="name">What messages call it; nothing is created under it yet.</param>
    public TemporaryFile(string name = "stream")
    {
        if (!Interlocked.Exchange(ref cleaned, true)) RemoveLeftovers(System.IO.Path.GetTempPath());
        folder = Directory.CreateTempSubdirectory(Prefix);
        alive = new FileStream(System.IO.Path.Combine(folder.FullName, LockName), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        Path = System.IO.Path.Combine(folder.FullName, name);
    }

    /// <summary>Where it lies. The folder is its own, so that files may be made beside it.</summary>
    public string Path { get; }

    /// <summary>Reads <paramref name="stream"/> to its end.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; a read that cannot be stopped is left waiting.</exception>
    public static TemporaryFile Of(Stream stream, string name = "stream", CancellationToken stop = default)
    {
        var file = new TemporaryFile(name);
        try
        {
            using var copy = File.Create(file.Path);
            // Pipes and terminals do not look at the token while they wait.
            stream.CopyToAsync(copy, stop).WaitAsync(stop).GetAwaiter().GetResult();
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes its content into <paramref name="stream"/>.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled; a write that cannot be stopped is left waiting.</exception>
    public void CopyTo(Stream stream, CancellationToken stop = default)
    {
        using var copy = File.OpenRead(Path);
        copy.CopyToAsync(stream, stop).WaitAsync(stop).GetAwaiter().GetResult();
        stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        alive.Dispose();
        if (folder.Exists) folder.Delete(recursive: true);
    }

    /// <summary>Deletes the folders under <paramref name="place"/> whose makers are gone.</summary>
    internal static void RemoveLeftovers(string place)
    {
        // A place that cannot be listed is nobody's fault here; the next run may be luckier.
        UnfinishedFile.Try(() =>
        {
            foreach (var left in Directory.GetDirectories(place, $"{Prefix}*")) UnfinishedFile.Try(() => Remove(left));
        });

        static void Remove(string left)
        {
            // One that has no lock yet is just being made.
            new FileStream(System.IO.Path.Combine(left, LockName), FileMode.Open, FileAccess.Write, FileShare.None).Dispose();
            Directory.Delete(left, recursive: true);
        }
    }
}
