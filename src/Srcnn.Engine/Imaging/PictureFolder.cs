namespace Srcnn.Engine.Imaging;

/// <summary>The pictures of a folder.</summary>
public static class PictureFolder
{
    /// <summary>Files with the extension of a picture, hidden ones left out, in the order of their names.</summary>
    /// <exception cref="DataException">The folder does not exist or has no pictures.</exception>
    public static IReadOnlyList<string> Files(string folder, bool recursive = false)
    {
        if (!Directory.Exists(folder))
        {
            var found = File.Exists(folder) ? "is a file" : "does not exist";
            throw new DataException($"{folder} {found}; expected a folder of pictures; check the path");
        }
        var options = new EnumerationOptions { RecurseSubdirectories = recursive, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        List<string> files = [.. Directory.EnumerateFiles(folder, "*", options).Where(IsPicture)];
        if (files.Count == 0) throw new DataException($"{folder} has no pictures; expected {ImageFormats.Names} files; check the path");
        files.Sort(StringComparer.Ordinal);
        return files;
    }

    /// <summary>Whether the extension is that of a picture.</summary>
    public static bool IsPicture(string path) => ImageFormats.FromExtension(path) is not null;
}
