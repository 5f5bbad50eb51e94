using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>How fast one device did one piece of work.</summary>
/// <param name="Work">"9×9 1→64 forward", "srcnn-9-1-5 512×512".</param>
/// <param name="Device">"host", "cuda:0".</param>
/// <param name="Gigaflops">10⁹ operations by the direct count.</param>
/// <param name="Time">Seconds; null where the device failed.</param>
/// <param name="LimitShare">Share of the processor's multiply–add peak; null for a GPU.</param>
/// <param name="TimesHost">How many times as fast as host.</param>
/// <param name="Error">Why the device failed.</param>
public sealed record BenchmarkResult(string Work, string Device, double Gigaflops, Timing? Time, double? LimitShare, double? TimesHost, string? Error = null)
{
    /// <summary>GFLOP/s; null where the device failed.</summary>
    public double? Rate => Time is null ? null : Gigaflops / Time.Median;
}

/// <summary>The quick benchmark: layers, networks and training steps, host beside each other device.</summary>
/// <param name="Quick">Tiny sizes and a few runs, only to see that everything works.</param>
/// <param name="Algorithm">Convolution of whole pictures on host.</param>
public sealed record Benchmark(bool Quick = false, Algorithm Algorithm = Algorithm.Auto)
{
    /// <summary>Of a run of a layer's op: some 10 ms on a CPU, so that launching the first kernel and waiting for the last is a fraction of it.</summary>
    public const double LayerFlops = 1.5e9;

    private TimeSpan Budget => Quick ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromSeconds(0.6);

    /// <summary>What is timed.</summary>
    public IReadOnlyList<Workload> Workloads()
    {
        SrcnnConfig[] networks = [new(9, 1, 5), new(9, 5, 5)];
        var (batch, side) = Quick ? (2, 48) : (128, 512);
        return
        [
            .. Workload.Layers(networks, batch, leastFlops: LayerFlops),
            .. networks.Select(n => Workload.Picture(n, side, side, Algorithm)),
            .. networks.Select(n => Workload.Training(n, OptimizerKind.Adam, batch)),
        ];
    }

    /// <summary>Times every piece of work on every device, devices in turn, host first.</summary>
    /// <param name="devices">The first is host. The caller keeps them.</param>
    /// <param name="isCpu">Whether a device computes on the processor and shares its limit.</param>
    /// <param name="peak">The processor's multiply–add peak in GFLOP/s.</param>
    public IEnumerable<BenchmarkResult> Run(IReadOnlyList<IBackend> devices, Func<IBackend, bool> isCpu, double peak, CancellationToken stop = default)
    {
        foreach (var work in Workloads())
        {
            double? host = null;
            foreach (var device in devices)
            {
                var result = Time(work, device, stop);
                if (result.Time is { } time)
                {
                    host ??= time.Median;
                    result = result with { LimitShare = isCpu(device) ? result.Rate / peak : null, TimesHost = host / time.Median };
                }
                yield return result;
            }
        }
    }

    private BenchmarkResult Time(Workload work, IBackend device, CancellationToken stop)
    {
        try
        {
            using var opened = work.Open(device);
            return new BenchmarkResult(work.Name, device.Name, opened.Flops / opened.Calls / 1e9, Timing.Measure(opened.Run, Budget, stop).PerCall(opened.Calls), null, null);
        }
        catch (Exception e) when (e is DeviceException or BackendUnavailableException)
        {
            return new BenchmarkResult(work.Name, device.Name, 0, null, null, null, e.Message);
        }
    }
}
