namespace Srcnn.Engine.Training;

/// <summary>Where a run stands; reported at every log line.</summary>
/// <param name="Step">Steps done.</param>
/// <param name="Steps">Steps in all.</param>
/// <param name="Epoch">Passes over the patch index, with fraction.</param>
/// <param name="Loss">Mean squared error over elements in [0, 1], mean since the last report.</param>
/// <param name="Psnr">Validation PSNR in dB, protocol y; null where this step was not validated.</param>
/// <param name="BicubicPsnr">The same pictures by bicubic alone.</param>
/// <param name="LearningRate">The rate of this step.</param>
/// <param name="SamplesPerSecond">Patches per second since the last report.</param>
/// <param name="Flops">Operations per second that this speed takes.</param>
/// <param name="MicroBatch">Samples that go through the network at once: one on host, on a device the whole batch or what of it finds room.</param>
/// <param name="Elapsed">Seconds since the start of this process's part of the run.</param>
/// <param name="Layers">Gradient norms and dead filters in this step's batch.</param>
public sealed record TrainingProgress(
    int Step, int Steps, double Epoch, double Loss, double? Psnr, double BicubicPsnr, double LearningRate, double SamplesPerSecond, double Flops, int MicroBatch, double Elapsed,
    IReadOnlyList<LayerState> Layers);

/// <summary>How a run ended.</summary>
/// <param name="Steps">Steps done in all.</param>
/// <param name="BestPsnr">Best validation PSNR in dB.</param>
/// <param name="BicubicPsnr">The same pictures by bicubic alone.</param>
/// <param name="Completed">False if it was stopped before its last step; it can be resumed.</param>
/// <param name="ModelPath">The best model.</param>
public sealed record TrainingResult(int Steps, double BestPsnr, double BicubicPsnr, bool Completed, string ModelPath);
