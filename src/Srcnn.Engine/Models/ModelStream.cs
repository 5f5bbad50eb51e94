namespace Srcnn.Engine.Models;

/// <summary>Opens model files so that whatever goes wrong while reading is a <see cref="ModelException"/>: bad input, not a bad disk.</summary>
internal static class ModelStream
{
    public static Stream Open(string path)
    {
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.CanSeek) return stream;
            // A pipe is read once, and readers seek.
            using var pipe = stream;
            var content = new MemoryStream();
            pipe.CopyTo(content);
            content.Position = 0;
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelException(path, "no such file", "a model file was expected here", "check the path", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    public static ModelException Unreadable(string file, Exception reason) =>
        new(file, $"cannot be read ({reason.Message})", "a readable model file was expected", "check the path and its permissions", reason);
}
