using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>Trains one network in one run folder.</summary>
public static class Trainer
{
    /// <summary>
    /// Runs or continues <paramref name="config"/> in folder <paramref name="run"/>: config.json, log.jsonl, checkpoints/, model.safetensors (best).
    /// When <paramref name="stop"/> is cancelled it saves a checkpoint and returns with Completed = false.
    /// </summary>
    /// <exception cref="ConfigException">The configuration is unusable.</exception>
    /// <exception cref="DataException">The data set is unusable.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite.</exception>
    public static TrainingResult Run(TrainingConfig config, string run, IBackend backend, bool resume = false, IProgress<TrainingProgress>? progress = null, CancellationToken stop = default) =>
        throw new NotImplementedException();
}

/// <summary>A data set cannot be used.</summary>
public sealed class DataException(string message) : Exception(message);

/// <summary>The loss is no longer a number.</summary>
public sealed class DivergedException(string message) : Exception(message);
