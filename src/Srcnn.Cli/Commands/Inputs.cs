using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary>Reads what the user named, so that trouble of the file system there is a bad input and not a bad output.</summary>
internal static class Inputs
{
    /// <exception cref="InputException">The file is missing or cannot be read.</exception>
    public static T Read<T>(string path, Func<string, T> read)
    {
        try
        {
            return read(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{path}: no such file; expected a file to read; check the path");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Gets the decoder ready by reading the header of what may be a picture and is no pipe; whatever is wrong with it is said when it is opened.</summary>
    public static void Expect(string path)
    {
        try
        {
            if (InputFile.IsPlain(path)) ImageFile.Probe(path);
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
        }
    }

    public static InputException Unreadable(string path, Exception e) =>
        new($"{path}: cannot be read ({e.Message.TrimEnd('.')}); expected a readable file; check the path and its permissions");
}
