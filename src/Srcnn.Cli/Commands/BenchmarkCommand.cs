using System.CommandLine;
using System.Globalization;
using Srcnn.Cli.Devices;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn benchmark</c></summary>
internal static class BenchmarkCommand
{
    public static Command Create(Session session)
    {
        var quick = new Option<bool>("--quick") { Description = "Tiny sizes, only to see that it works." };
        var tune = new Option<bool>("--tune") { Description = "Instead: measures the kernels on each CUDA and OpenCL device and remembers which are fastest there." };
        var train = new Option<string?>("--train") { Description = "Instead: the time from fresh weights to the paper's quality, trained on this folder." };
        var val = new Option<string?>("--val") { Description = "Pictures to measure that quality on; with --train. On Set5 it is 32.39 dB." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("benchmark", "Times each layer, network and training step on host and on each other device, against the processor's limit.") { quick, tune, train, val, session.Algorithm, json };
        command.SetAction(parse =>
        {
            List<IBackend> devices = [];
            try
            {
                Open(session, parse, devices);
                if (parse.GetValue(tune)) return KernelTuner.Run(session, [.. devices.OfType<IlgpuBackend>().Where(d => d.Name != "ilgpu-cpu")], parse.GetValue(quick), parse.GetValue(json));
                var machine = Machine.Current();
                if (parse.GetValue(train) is { } data)
                {
                    TrainToQuality(session, machine, devices, data, parse.GetValue(val) ?? throw new UsageException("--train needs pictures to judge on; expected --val DIR; name a folder that is not trained on"), parse.GetValue(json));
                    return ExitCode.Done;
                }
                var host = devices[0];
                var peak = FmaPeak.Measure(host.Workers, parse.GetValue(quick) ? 0.01 : 0.1);
                var gpus = devices.Count > 1 ? Backend.Devices().Where(d => d.Kind == "gpu").Select(d => d.Name).ToHashSet() : [];
                List<BenchmarkResult> results = [];
                foreach (var result in new Benchmark(parse.GetValue(quick), session.ChosenAlgorithm(parse)).Run(devices, d => !gpus.Contains(d.Name), peak, session.Stop))
                {
                    results.Add(result);
                    if (parse.GetValue(session.Verbose)) session.Log($"{result.Work} on {result.Device}");
                }
                if (parse.GetValue(json)) PrintJson(session, machine, devices, peak, results);
                else PrintTable(session, machine, devices, peak, results);
                if (results.FirstOrDefault(r => r.Error is not null) is not { } failed) return ExitCode.Done;
                session.PrintError(new Failure(ExitCode.Device, $"{failed.Device} failed at {failed.Work}: {failed.Error}; expected it to compute; check it with 'srcnn selftest --device {failed.Device}'"));
                return ExitCode.Device;
            }
            finally
            {
                foreach (var device in devices) device.Dispose();
            }
        });
        return command;
    }

    /// <summary>Host, and beside it the device named, or every device that is no checking aid.</summary>
    private static void Open(Session session, ParseResult parse, List<IBackend> devices)
    {
        var asked = session.OpenBackend(parse);
        if (asked is HostBackend) devices.Add(asked);
        else devices.AddRange([new HostBackend(parse.GetValue(session.Threads)), asked]);
        if (parse.GetValue(session.Device) != "auto") return;
        foreach (var info in Backend.Devices().Where(d => d.Name.StartsWith("cuda", StringComparison.Ordinal) || d.Name.StartsWith("opencl", StringComparison.Ordinal)))
        {
            if (devices.Any(d => d.Name == info.Name)) continue;
            try
            {
                var device = Backend.Open(info.Name);
                devices.Add(device);
                TunedKernels.Apply(device, session.Warn);
            }
            catch (BackendUnavailableException e)
            {
                session.Warn($"{info.Name} is left out: {e.Message}");
            }
        }
    }

    private static void TrainToQuality(Session session, Machine machine, List<IBackend> devices, string data, string val, bool json)
    {
        List<QualityTime> times = [];
        foreach (var (device, contestant) in devices.SelectMany(_ => TimeToQuality.Contestants, (d, c) => (d, c)))
        {
            session.Log($"training with {contestant.Optimizer} on {device.Name}");
            times.Add(TimeToQuality.Measure(contestant, device, data, val, session.Stop));
        }
        if (json) session.PrintJson(new { machine.Cpu, machine.Cores, Protocol = "y", Results = times });
        else
        {
            session.Terminal.Table(
                string.Create(CultureInfo.InvariantCulture, $"{machine.Cpu}, {devices[0].Description}: SRCNN 9-1-5 ×3 from fresh weights to {times[0].Target:F2} dB (protocol y)"),
                ["optimiser", "device", "seconds", "samples", "PSNR in dB"],
                [.. times.Select(t => (IReadOnlyList<string>)[t.Optimizer.ToString(), t.Device, Text(t.Seconds, "F1"), t.Samples.ToString(CultureInfo.InvariantCulture), Text(t.Psnr, "F2")])], texts: 2);
        }
    }

    private static void PrintJson(Session session, Machine machine, List<IBackend> devices, double peak, List<BenchmarkResult> results) => session.PrintJson(new
    {
        machine.Cpu,
        machine.Cores,
        machine.VectorBits,
        machine.Runtime,
        Threads = devices[0].Workers,
        PeakGflops = Math.Round(peak, 1),
        Devices = devices.Select(d => new { d.Name, d.Description, Kernels = d is IlgpuBackend device ? device.Choices.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries) : null }),
        Results = results.Select(r => new
        {
            r.Work,
            r.Device,
            Ms = Milliseconds(r.Time?.Median),
            MinMs = Milliseconds(r.Time?.Min),
            MaxMs = Milliseconds(r.Time?.Max),
            r.Time?.Runs,
            Gflops = Round(r.Rate, 1),
            LimitShare = Round(r.LimitShare, 3),
            TimesHost = Round(r.TimesHost, 2),
            r.Error,
        }),
    });

    private static void PrintTable(Session session, Machine machine, List<IBackend> devices, double peak, List<BenchmarkResult> results)
    {
        var title = string.Create(CultureInfo.InvariantCulture,
            $"{machine.Cpu}, {devices[0].Description}, multiply-add peak {peak:F0} GFLOP/s; layers on 128 patches of 33×33, times are medians");
        session.Terminal.Table(title, ["work", "device", "ms", "GFLOP/s", "of the peak", "times host"],
            [.. results.Select(r => (IReadOnlyList<string>)[r.Work, r.Device, Text(r.Time?.Median * 1000, "F2"), Text(r.Rate, "F1"), Text(r.LimitShare, "P0"), Text(r.TimesHost, "F2")])], texts: 2);
        foreach (var device in devices.Skip(1)) session.Terminal.Output.WriteLine($"{device.Name} is {device.Description}{(device is IlgpuBackend { Choices.Count: > 0 } tuned ? $"; its kernels are chosen as measured for {tuned.Choices.Count} convolutions" : "")}");
    }

    private static double? Milliseconds(double? seconds) => Round(seconds * 1000, 4);

    private static double? Round(double? value, int digits) => value is { } v ? Math.Round(v, digits) : null;

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
