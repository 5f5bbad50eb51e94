using System.Diagnostics;
using System.Text;

namespace Srcnn.Kernels;

/// <summary>Collects what a driver says about a kernel it refuses: ILGPU writes it to the trace listeners and throws an error number.</summary>
internal sealed class BuildLog : TraceListener
{
    private readonly StringBuilder text = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    public BuildLog() => Trace.Listeners.Add(this);

    public override string ToString() => text.ToString().Trim();

    public override void Write(string? message)
    {
        if (Environment.CurrentManagedThreadId == thread) text.Append(message);
    }

    public override void WriteLine(string? message) => Write(message + Environment.NewLine);

    protected override void Dispose(bool disposing)
    {
        Trace.Listeners.Remove(this);
        base.Dispose(disposing);
    }
}
