using Srcnn.Engine.Files;

namespace Srcnn.Cli.Commands;

/// <summary>
/// Pictures through standard input and standard output, both called "-". They pass through temporary files: decoders and encoders
/// seek, and who reads the output gets a whole picture or nothing.
/// </summary>
internal sealed class PipedPictures(Terminal terminal, CancellationToken stop) : IDisposable
{
    public const string Name = "-";

    private TemporaryFile? input, output;

    /// <summary>Where to write what <see cref="Give"/> gives out.</summary>
    public string Output => (output ??= new TemporaryFile("standard-output")).Path;

    /// <summary>The inputs; standard input is read to its end and becomes a file.</summary>
    /// <exception cref="UsageException">Others stand beside it.</exception>
    public IReadOnlyList<string> Take(IReadOnlyList<string> inputs)
    {
        if (!inputs.Contains(Name)) return inputs;
        if (inputs.Count > 1) throw new UsageException("standard input '-' is one of several inputs; expected it alone; name the others in a run of their own, or a file '-' as './-'");
        input = TemporaryFile.Of(terminal.Input, "standard-input", stop);
        return [input.Path];
    }

    /// <summary>Sends the finished output on.</summary>
    public void Give() => output!.CopyTo(terminal.Binary);

    public void Dispose()
    {
        input?.Dispose();
        output?.Dispose();
    }
}
