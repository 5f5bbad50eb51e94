using System.Runtime.InteropServices;
using Srcnn.Cli;

if (OperatingSystem.IsWindows()) Console.OutputEncoding = System.Text.Encoding.UTF8;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
return CommandLine.Run(args, Terminal.OfProcess(), stop.Token);

// The first signal asks to finish tidily, the second one does not ask.
void Stop(PosixSignalContext context)
{
    if (stop.IsCancellationRequested) Environment.Exit(ExitCode.Interrupted);
    context.Cancel = true;
    stop.Cancel();
}
