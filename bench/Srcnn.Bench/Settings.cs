using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Bench;

/// <summary>What environment variables decide, so that BenchmarkDotNet's own options stay free, and the limit of this machine.</summary>
internal static class Settings
{
    private static readonly Lazy<double> MeasuredPeak = new(() => FmaPeak.Measure(Threads));

    /// <summary>SRCNN_BENCH_QUICK=1: tiny sizes, one run each.</summary>
    public static bool Quick { get; } = Environment.GetEnvironmentVariable("SRCNN_BENCH_QUICK") == "1";

    /// <summary>SRCNN_BENCH_THREADS: workers of the host; all cores unless set.</summary>
    public static int Threads { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("SRCNN_BENCH_THREADS"), CultureInfo.InvariantCulture, out var threads) && threads > 0 ? threads : Environment.ProcessorCount;

    /// <summary>SRCNN_BENCH_ARTIFACTS: where the reports go.</summary>
    public static string? Artifacts { get; } = Environment.GetEnvironmentVariable("SRCNN_BENCH_ARTIFACTS");

    /// <summary>SRCNN_BENCH_DEVICES: names separated by commas; unless set, host and every GPU and OpenCL device.</summary>
    public static IReadOnlyList<string> Devices { get; } = Environment.GetEnvironmentVariable("SRCNN_BENCH_DEVICES") is { Length: > 0 } names
        ? names.Split(',')
        : [.. Backend.Devices().Select(d => d.Name).Where(n => n is not ("reference" or "ilgpu-cpu")).OrderBy(n => n != "host")];

    /// <summary>Devices that compute on the processor and share its limit.</summary>
    public static IReadOnlyList<string> CpuDevices { get; } = [.. Backend.Devices().Where(d => d.Kind == "cpu").Select(d => d.Name)];

    /// <summary>The processor's multiply–add peak on as many threads, GFLOP/s, measured in this process.</summary>
    public static double Peak => MeasuredPeak.Value;
}
