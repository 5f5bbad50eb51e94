namespace Srcnn.Cli.Commands;

/// <summary>Where a page is to be written: wrong places are found before minutes of work, not after.</summary>
internal static class ReportPlace
{
    /// <exception cref="IOException">The page cannot be written there.</exception>
    /// <exception cref="OutputExistsException">One is there already.</exception>
    public static void Check(string page, bool overwrite, string option = "--report")
    {
        if (!overwrite && File.Exists(page)) throw new OutputExistsException(page);
        if (Directory.Exists(page)) throw new IOException($"{page} is a folder; expected a file to write; choose another {option}");
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(page))))
            throw new IOException($"{page}: no such folder; expected an existing one; create it or choose another {option}");
    }
}
