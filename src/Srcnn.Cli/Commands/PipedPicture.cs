using Srcnn.Engine.Files;

namespace Srcnn.Cli.Commands;

/// <summary>A picture for standard output, called "-". It passes through a temporary file: encoders seek, and who reads the output gets a whole picture or nothing.</summary>
internal sealed class PipedPicture(Terminal terminal, CancellationToken stop) : IDisposable
{
    public const string Name = "-";

    private TemporaryFile? output;

    /// <summary>Where to write what <see cref="Give"/> gives out.</summary>
    public string Output => (output ??= new TemporaryFile("standard-output")).Path;

    /// <summary>Sends the finished output on.</summary>
    /// <exception cref="IOException">Standard output is closed or full.</exception>
    /// <exception cref="OperationCanceledException">The wish to stop came while nobody read.</exception>
    public void Give()
    {
        try
        {
            output!.CopyTo(terminal.Binary, stop);
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

    public void Dispose() => output?.Dispose();
}
