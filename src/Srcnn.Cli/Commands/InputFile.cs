using Srcnn.Engine.Files;

namespace Srcnn.Cli.Commands;

/// <summary>
/// Where what the user named can be opened as often as one likes: the file itself, or a copy of what is read only once, as standard input ("-"),
/// a named pipe and a shell's <c>&lt;(…)</c> are.
/// </summary>
internal sealed class InputFile : IDisposable
{
    /// <summary>What stands for standard input, and what messages call it.</summary>
    public const string StandardInput = "-", StandardInputName = "standard input";

    private static readonly string[] StreamFolders = ["/dev/", "/proc/"];

    private readonly string name;
    private readonly TemporaryFile? copy;

    private InputFile(string name, TemporaryFile? copy) => (this.name, this.copy) = (name, copy);

    /// <summary>What to open.</summary>
    public string Path => copy?.Path ?? name;

    /// <summary>Waits for whoever writes what is read only once.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    /// <exception cref="InputException">It cannot be read.</exception>
    public static InputFile Open(string input, Terminal terminal, CancellationToken stop)
    {
        if (input == StandardInput) return new InputFile(StandardInputName, TemporaryFile.Of(terminal.Input, "standard-input", stop));
        if (IsPlain(input) || !File.Exists(input)) return new InputFile(input, null);
        // A pipe without a writer keeps waiting in the very opening.
        using var stream = Inputs.Read(input, path => Task.Run(() => File.OpenRead(path), stop).WaitAsync(stop).GetAwaiter().GetResult());
        return new InputFile(input, stream.CanSeek ? null : TemporaryFile.Of(stream, "pipe", stop));
    }

    /// <summary>Whether a file is certainly no pipe: those have no length, or are reached through links.</summary>
    public static bool IsPlain(string path) => new FileInfo(path) is { Exists: true, Length: > 0, LinkTarget: null };

    /// <summary>Whether the user named a stream and not a file that one could write beside.</summary>
    public static bool IsStream(string input) =>
        input == StandardInput || (!OperatingSystem.IsWindows() && Array.Exists(StreamFolders, folder => input.StartsWith(folder, StringComparison.Ordinal)));

    /// <summary>A message in which the copy is called what the user called it.</summary>
    public string Named(string message) => copy is null ? message : message.Replace(copy.Path, name, StringComparison.Ordinal);

    public void Dispose() => copy?.Dispose();
}
