using System.Collections.Concurrent;

namespace Srcnn.Engine.Files;

/// <summary>
/// A file that is written beside its final name and takes it when it is whole; disposed before, it leaves nothing. What a process that was
/// killed has left is removed by the next one that writes into the folder: while a writer lives its file is locked, and the lock dies with it.
/// </summary>
internal sealed class UnfinishedFile : IDisposable
{
    private const string Prefix = ".srcnn-", Suffix = ".tmp";

    // A cleaner that meets the file between its creation and its lock takes it for a leftover. It will not do so time after time.
    private const int Attempts = 5;

    private static readonly ConcurrentDictionary<string, bool> Cleaned = [];

    private readonly string target, temporary;
    private bool finished;

    /// <summary>Begins a file.</summary>
    /// <param name="path">Its final name. A symbolic link stays, and its target is replaced.</param>
    /// <exception cref="IOException">The place cannot be written.</exception>
    public UnfinishedFile(string path)
    {
        var link = new FileInfo(path).LinkTarget is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true);
        target = link?.FullName ?? Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(target) ?? target;
        if (Cleaned.TryAdd(folder, true)) RemoveLeftovers(folder);
        (temporary, Stream) = Create(folder);
    }

    /// <summary>Takes the content; may be read and sought in.</summary>
    public FileStream Stream { get; }

    /// <summary>Flushes to the disk and takes the final name, replacing a file of that name.</summary>
    public void Finish()
    {
        Stream.Flush(flushToDisk: true);
        // Still locked: nobody takes it for a leftover in between.
        File.Move(temporary, target, overwrite: true);
        finished = true;
        Stream.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (finished) return;
        // Neither must hide the reason of a failure: on a broken or full disk they fail for the same one.
        Try(Stream.Dispose); // writes what is buffered
        Try(() => File.Delete(temporary));
    }

    /// <summary>Deletes unfinished files in a folder whose writers are gone.</summary>
    internal static void RemoveLeftovers(string folder) => Try(() =>
    {
        foreach (var file in Directory.GetFiles(folder, $"{Prefix}*{Suffix}"))
            Try(() => new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose());
    });

    private static (string Path, FileStream Stream) Create(string folder)
    {
        for (var attempt = 1; ; attempt++)
        {
            // A short name of its own: a suffix could push a long but valid name over the limit of the file system.
            var path = Path.Combine(folder, $"{Prefix}{Path.GetRandomFileName()}{Suffix}");
            try
            {
                // Windows renames an open file only where deleting is shared, and locks it all the same.
                var share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None;
                return (path, new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, share));
            }
            catch (IOException) when (attempt < Attempts && Directory.Exists(folder))
            {
            }
        }
    }

    /// <summary>Does what may fail for reasons that are not the caller's: a leftover is somebody else's, or the disk is broken.</summary>
    internal static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
