namespace Srcnn.Engine.Files;

/// <summary>Writes a file so that, whatever happens, its name holds either the old content or the whole new one.</summary>
public static class AtomicFile
{
    private const string Prefix = ".srcnn-", Suffix = ".tmp";

    /// <summary>
    /// Writes into a temporary file beside <paramref name="path"/>, flushes it to disk and renames it, replacing an
    /// existing file. A symbolic link stays and its target is replaced. If anything fails, also inside
    /// <paramref name="write"/>, the temporary file is deleted and the exception goes on as it is.
    /// </summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        var link = new FileInfo(path).LinkTarget is null ? null : File.ResolveLinkTarget(path, returnFinalTarget: true);
        var target = link?.FullName ?? Path.GetFullPath(path);
        // A short name of its own: a suffix could push a long but valid name over the limit of the file system.
        var temporary = Path.Combine(Path.GetDirectoryName(target) ?? target, $"{Prefix}{Guid.NewGuid():N}{Suffix}");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            Discard(temporary);
            throw;
        }
    }

    /// <summary>Deletes what a process that was killed while it wrote has left in a folder. Nobody else may be writing there.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    internal static void DeleteLeftovers(string folder)
    {
        foreach (var file in Directory.GetFiles(folder, $"{Prefix}*{Suffix}")) File.Delete(file);
    }

    // Deleting must not hide the reason of the failure: on a broken disk it fails for the same one.
    private static void Discard(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
