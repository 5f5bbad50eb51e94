namespace Srcnn.Engine.Imaging;

/// <summary>The pictures of a folder.</summary>
public static class PictureFolder
{
    private const int MostListed = 20;

    /// <summary>Files with the extension of a picture, hidden ones left out, in the order of their names.</summary>
    /// <param name="leftOut">Told in a line what other files there are.</param>
    /// <exception cref="DataException">The folder does not exist or has no pictures.</exception>
    public static IReadOnlyList<string> Files(string folder, bool recursive = false, Action<string>? leftOut = null)
    {
        if (!Directory.Exists(folder))
        {
            var found = File.Exists(folder) ? "is a file" : "does not exist";
            throw new DataException($"{folder} {found}; expected a folder of pictures; check the path");
        }
        var options = new EnumerationOptions { RecurseSubdirectories = recursive, AttributesToSkip = FileAttributes.Hidden | FileAttributes.System };
        var all = Directory.EnumerateFiles(folder, "*", options).Order(StringComparer.Ordinal).ToLookup(IsPicture);
        List<string> files = [.. all[true]], others = [.. all[false].Select(file => Described(folder, file))];
        if (others.Count > 0 && leftOut is not null) leftOut($"{folder}: {others.Count} {(others.Count == 1 ? "file" : "files")} left out: {Listed(others)}");
        if (files.Count == 0) throw new DataException($"{folder} has no pictures; expected {ImageFormats.Names} files; {(others.Count > 0 ? $"it has {Listed(others)}" : "check the path")}");
        return files;
    }

    private static string Described(string folder, string file) =>
        Path.GetRelativePath(folder, file) + (ImageFormats.RefusedByExtension(file) is { } name ? $" ({name}, which is not read)" : "");

    private static string Listed(List<string> names) => string.Join(", ", names.Take(MostListed)) + (names.Count > MostListed ? $" and {names.Count - MostListed} more" : "");

    /// <summary>Whether the extension is that of a picture.</summary>
    public static bool IsPicture(string path) => ImageFormats.FromExtension(path) is not null;
}
