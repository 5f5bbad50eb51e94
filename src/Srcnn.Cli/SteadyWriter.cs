using System.Text;

namespace Srcnn.Cli;

/// <summary>Standard output that may be closed by its reader: what is printed then is lost, but the work goes on. A full disk stays an error. Any thread may write a line.</summary>
/// <param name="name">What an error calls it.</param>
internal sealed class SteadyWriter(TextWriter inner, string name) : TextWriter
{
    private bool closed;

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    private void Try(Action write)
    {
        lock (inner)
        {
            if (closed) return;
            try
            {
                write();
            }
            catch (Exception e) when (IsClosed(e))
            {
                closed = true;
            }
            catch (IOException e)
            {
                throw new IOException($"{name}: {e.Message}", e);
            }
        }
    }

    // A closed descriptor is reported as denied access, a terminal that was closed as EIO; Windows has numbers of its own for a broken pipe.
    private static bool IsClosed(Exception e) =>
        e is UnauthorizedAccessException or ObjectDisposedException
        || (e is IOException && (OperatingSystem.IsWindows() ? (e.HResult & 0xffff) is 0x6d or 0xe8 : e.HResult == 5));
}
