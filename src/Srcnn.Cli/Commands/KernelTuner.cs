using System.Globalization;
using Srcnn.Cli.Devices;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn benchmark --tune</c>: measures the kernels on each device and remembers the fastest.</summary>
internal static class KernelTuner
{
    /// <param name="devices">What to tune, opened.</param>
    public static int Run(Session session, IReadOnlyList<IlgpuBackend> devices, bool quick, bool json)
    {
        if (devices.Count == 0) throw new UsageException("--tune finds no device whose kernels could be chosen; expected a CUDA or OpenCL device; see 'srcnn devices' and name one with --device");
        List<object> documents = [];
        foreach (var device in devices)
        {
            session.Log($"measuring the kernels on {device.Name} ({device.Description}); this takes a minute or two");
            List<TunedConvolution> tuned = [];
            foreach (var convolution in new KernelTuning(device, quick).Run(session.Stop))
            {
                tuned.Add(convolution);
                if (session.Terminal.IsLive) session.Log($"{convolution.Convolution}: {convolution.Kernel}");
            }
            device.Choices = KernelTuning.Choices(tuned);
            if (SelfTest.Run(device).FirstOrDefault(r => !r.Passed) is { } wrong)
                throw new DeviceException($"{device.Name} computes wrongly with the kernels that are fastest on it: {wrong.Op} ({wrong.Case}); expected errors within rounding; nothing is remembered; check it with 'srcnn selftest --device {device.Name}'");
            var file = TunedKernels.Keep(device);
            if (!json) PrintTable(session, device, tuned, file);
            documents.Add(new { device.Name, device.Description, device.Hardware, File = file, Convolutions = tuned.Select(Row) });
        }
        if (json) session.PrintJson(documents);
        return ExitCode.Done;
    }

    private static void PrintTable(Session session, IlgpuBackend device, List<TunedConvolution> tuned, string file)
    {
        session.Terminal.Table($"{device.Name} ({device.Description}): kernels by rule and by measurement", ["convolution", "by rule", "fastest", "by rule, ms", "fastest, ms", "GFLOP/s", "gain"],
            [.. tuned.Select(t => (IReadOnlyList<string>)[t.Convolution, t.Rule, t.Kernel == t.Rule ? "the same" : t.Kernel, Text(t.RuleSeconds * 1000, "F2"), Text(t.Seconds * 1000, "F2"), Text(t.Gflops / t.Seconds, "F1"), Text(t.RuleSeconds / t.Seconds, "F2")])], texts: 3);
        session.Terminal.Output.WriteLine($"{device.Choices.Count} of {tuned.Count} convolutions leave the rule on {device.Name} from now on; {file} says so, delete it to go back");
    }

    private static object Row(TunedConvolution t) => new
    {
        t.Convolution,
        t.Rule,
        RuleMs = Math.Round(t.RuleSeconds * 1000, 4),
        t.Kernel,
        Ms = Math.Round(t.Seconds * 1000, 4),
        Gflops = Math.Round(t.Gflops / t.Seconds, 1),
    };

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
