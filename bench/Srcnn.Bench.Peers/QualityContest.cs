using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Bench.Peers;

/// <summary>The time from fresh weights to the paper's quality: our optimisers, and libtorch's Adam with what our Adam is given.</summary>
internal static class QualityContest
{
    /// <summary>Prints a line for each.</summary>
    /// <exception cref="ArgumentException">A folder is missing on the command line.</exception>
    public static void Run(Options options)
    {
        string data = Options.Required(options.Data, "--data"), val = Options.Required(options.Val, "--val");
        var contestants = TimeToQuality.Contestants.Select(c => options.Quick ? c with { Steps = 2 * TimeToQuality.Interval / c.Batch } : c).ToList();
        using var backend = new HostBackend(options.Threads);
        foreach (var contestant in contestants) Print(TimeToQuality.Measure(contestant, backend, data, val, CancellationToken.None));
        Print(TorchAdam.Measure(contestants.First(c => c.Optimizer == OptimizerKind.Adam), data, val, options.Threads));
    }

    private static void Print(QualityTime time) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{time.Device}, {time.Optimizer}: {(time.Seconds is { } seconds ? $"{seconds:F1} s" : "not reached")}, {time.Samples} samples, {time.Psnr:F2} of {time.Target:F2} dB"));
}
