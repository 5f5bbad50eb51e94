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
    /// <exception cref="IOException">Standard output is closed or full.</exception>
    public void Give()
    {
        try
        {
            output!.CopyTo(terminal.Binary);
        }
        catch (UnauthorizedAccessException e) // so a closed descriptor is called
        {
            throw new IOException("standard output is closed; expected a pipe or a file for the picture; give -o FILE", e);
        }
        catch (IOException e)
        {
            throw new IOException($"standard output: {e.Message}", e);
        }
    }

    public void Dispose()
    {
        input?.Dispose();
        output?.Dispose();
    }
}
