namespace Srcnn.Engine.Models;

/// <summary>Opens model files so that whatever goes wrong while reading is a <see cref="ModelException"/>: bad input, not a bad disk.</summary>
internal static class ModelStream
{
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
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
