using System.Runtime.InteropServices;
using Srcnn.Cli;

if (OperatingSystem.IsWindows()) Console.OutputEncoding = System.Text.Encoding.UTF8;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
// A closed terminal or connection. Where it was ignored at the start (nohup), the runtime leaves it so.
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);
return CommandLine.Run(args, Terminal.OfProcess(), stop.Token);

// The first signal asks to finish tidily, the second one does not ask; but shell and kernel both tell of one closed terminal.
void Stop(PosixSignalContext context)
{
    if (stop.IsCancellationRequested && context.Signal != PosixSignal.SIGHUP) Environment.Exit(ExitCode.Interrupted);
    context.Cancel = true;
    stop.Cancel();
}
