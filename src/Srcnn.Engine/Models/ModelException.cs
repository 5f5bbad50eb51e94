namespace Srcnn.Engine.Models;

/// <summary>A model file cannot be used. The message is one line: "FILE: what was found; what was expected; what to do".</summary>
public sealed class ModelException : Exception
{
    /// <param name="file">As the caller named it.</param>
    /// <param name="found">What it turned out to be.</param>
    /// <param name="expected">A clause: "expected …".</param>
    /// <param name="advice">What to do.</param>
    public ModelException(string file, string found, string expected, string advice, Exception? innerException = null)
        : base(OneLine($"{file}: {found}; {expected}; {advice}"), innerException) => FileName = file;

    /// <summary>The file as the caller named it.</summary>
    public string FileName { get; }

    /// <summary>A name out of a file, in quotes and at most 60 characters long, since the file may lie about it.</summary>
    internal static string Quote(string name) => name.Length <= 60 ? $"'{name}'" : $"'{name[..57]}...'";

    // Names from hostile files must neither break the line nor reach the terminal as escape codes.
    private static string OneLine(string message) =>
        message.Any(char.IsControl) ? string.Concat(message.Select(c => char.IsControl(c) ? '?' : c)) : message;
}
