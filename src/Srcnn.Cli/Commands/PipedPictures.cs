namespace Srcnn.Cli.Commands;

/// <summary>
/// Pictures through standard input and standard output, both called "-". They pass through a temporary folder: decoders and encoders
/// seek, and who reads the output gets a whole picture or nothing.
/// </summary>
internal sealed class PipedPictures(Terminal terminal) : IDisposable
{
    public const string Name = "-";

    private readonly Lazy<DirectoryInfo> folder = new(() => Directory.CreateTempSubdirectory("srcnn-"));

    /// <summary>Where to write what <see cref="Give"/> gives out.</summary>
    public string Output => Path.Combine(folder.Value.FullName, "standard-output");

    /// <summary>The inputs; standard input is read to its end and becomes a file.</summary>
    /// <exception cref="UsageException">Others stand beside it.</exception>
    public IReadOnlyList<string> Take(IReadOnlyList<string> inputs)
    {
        if (!inputs.Contains(Name)) return inputs;
        if (inputs.Count > 1) throw new UsageException("standard input '-' is one of several inputs; expected it alone; name the others in a run of their own, or a file '-' as './-'");
        using var file = File.Create(Path.Combine(folder.Value.FullName, "standard-input"));
        terminal.Input.CopyTo(file);
        return [file.Name];
    }

    /// <summary>Sends the finished output on.</summary>
    public void Give()
    {
        using var file = File.OpenRead(Output);
        file.CopyTo(terminal.Binary);
        terminal.Binary.Flush();
    }

    public void Dispose()
    {
        if (folder.IsValueCreated) folder.Value.Delete(recursive: true);
    }
}
