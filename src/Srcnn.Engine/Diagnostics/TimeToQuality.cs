using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>How long a training took to the paper's quality.</summary>
/// <param name="Device">Name of the backend.</param>
/// <param name="Optimizer">What turned gradients into steps.</param>
/// <param name="Seconds">Of training alone, validations left out; null where the quality was not reached.</param>
/// <param name="Samples">Patches seen.</param>
/// <param name="Psnr">Best validation PSNR in dB.</param>
/// <param name="Target">What was to be reached.</param>
public sealed record QualityTime(string Device, OptimizerKind Optimizer, double? Seconds, long Samples, double Psnr, double Target);

/// <summary>
/// Trains SRCNN 9-1-5 ×3 from fresh weights until it beats bicubic by as much as the paper's does on Set5, 2.00 dB: on Set5 that is its 32.39 dB.
/// </summary>
public static class TimeToQuality
{
    private const string Recipe = "srcnn-9-1-5-x3-quick";

    /// <summary>Patches between validations.</summary>
    public const int Interval = 3200;

    /// <summary>Each optimiser at its best for a short run: SOAP as the recipe has it; Adam with smaller batches and rates, and more of them.</summary>
    public static IReadOnlyList<TrainingConfig> Contestants { get; } =
    [
        RecipeCatalog.Read(Recipe) with { Steps = 4000 },
        RecipeCatalog.Read(Recipe) with { Optimizer = OptimizerKind.Adam, Patch = 33, Batch = 32, Lr = 2e-3, Beta2 = 0.999, Warmup = 500, Steps = 20_000 },
    ];

    /// <summary>One run in a folder of its own that is gone afterwards.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static QualityTime Measure(TrainingConfig contestant, IBackend backend, string data, string val, CancellationToken stop)
    {
        var every = Interval / contestant.Batch;
        var config = contestant with { Data = [data], Val = [val], LogEvery = every, SaveEvery = every };
        var gain = PublishedFigures.Gain(config.Network, config.Scale)!.Value;
        var folder = Directory.CreateTempSubdirectory("srcnn-quality-");
        try
        {
            using var reached = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var watch = new Watch(config.Batch, gain, reached);
            Trainer.Run(config, folder.FullName, backend, progress: watch, stop: reached.Token);
            stop.ThrowIfCancellationRequested();
            return watch.Result(backend.Name, config.Optimizer);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Watch(int batch, double gain, CancellationTokenSource reached) : IProgress<TrainingProgress>
    {
        private double seconds, best, target = double.PositiveInfinity;
        private int step;

        public void Report(TrainingProgress value)
        {
            // The speed between two reports counts no validation.
            seconds += (value.Step - step) * batch / value.SamplesPerSecond;
            (step, best, target) = (value.Step, Math.Max(best, value.Psnr ?? 0), value.BicubicPsnr + gain);
            if (best >= target) reached.Cancel();
        }

        public QualityTime Result(string device, OptimizerKind optimizer) =>
            new(device, optimizer, best >= target ? seconds : null, (long)step * batch, best, target);
    }
}
