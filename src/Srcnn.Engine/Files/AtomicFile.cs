namespace Srcnn.Engine.Files;

/// <summary>Writes a file so that, whatever happens, its name holds either the old content or the whole new one.</summary>
public static class AtomicFile
{
    /// <summary>
    /// Writes into a temporary file beside <paramref name="path"/>, flushes it to disk and renames it, replacing an
    /// existing file. A symbolic link stays and its target is replaced. If anything fails, also inside
    /// <paramref name="write"/>, the temporary file is deleted and the exception goes on as it is.
    /// </summary>
    public static void Write(string path, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        using var file = new UnfinishedFile(path);
        write(file.Stream);
        file.Finish();
    }
}
