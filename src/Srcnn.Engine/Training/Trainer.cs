using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>Trains one network in one run folder.</summary>
public static class Trainer
{
    /// <summary>
    /// Runs <paramref name="config"/> in folder <paramref name="run"/>, or continues it there from the newest intact checkpoint. When
    /// <paramref name="stop"/> is cancelled a checkpoint is saved and the result is not Completed.
    /// </summary>
    /// <remarks>
    /// A resumed run may be given more steps. A schedule other than constant then runs over the new number of steps from where it stands:
    /// the rate jumps, and the result is not that of an unbroken run of that length; a warning says so.
    /// </remarks>
    /// <param name="config">The run.</param>
    /// <param name="run">Receives config.json, on a device kernels.txt, log.jsonl, checkpoints/ and model.safetensors (the best so far).</param>
    /// <param name="backend">Not owned.</param>
    /// <param name="resume">Continue; the configuration must be the run's own but for steps and intervals.</param>
    /// <param name="progress">Told of every log line.</param>
    /// <param name="warn">Told of skipped files, damaged checkpoints and the like, a line each.</param>
    /// <param name="ready">Called once the data is read and found usable.</param>
    /// <param name="stop">Stops within a moment, also in the middle of a step or a validation.</param>
    /// <exception cref="ConfigException">The configuration is unusable, or not that of the run to resume.</exception>
    /// <exception cref="UnknownNetworkException">No network has that name.</exception>
    /// <exception cref="DataException">The data set is unusable, or vanished under the run; the run can be resumed then.</exception>
    /// <exception cref="ModelException">The model to start from, the teacher, or every checkpoint, is unusable.</exception>
    /// <exception cref="UnknownModelException">The model to start from, or the teacher, is no shipped one.</exception>
    /// <exception cref="DivergedException">
    /// The loss exploded, or a loss or weight became NaN or infinite; the last checkpoint is kept, and what led to it is written to
    /// diverged.safetensors. Noticed at once on host and reference, else at the next log line: to read a loss is to wait for the device.
    /// </exception>
    /// <exception cref="DeviceException">The device failed, or has no room for a sixteenth of a batch; the run can be resumed on another backend.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled before the data was read: there is nothing to save.</exception>
    /// <exception cref="IOException">The run folder cannot be written, or holds another run.</exception>
    /// <exception cref="UnauthorizedAccessException">The run folder may not be written.</exception>
    public static TrainingResult Run(
        TrainingConfig config, string run, IBackend backend, bool resume = false,
        IProgress<TrainingProgress>? progress = null, Action<string>? warn = null, Action? ready = null,
        CancellationToken stop = default)
    {
        config.Validate();
        using var learner = new Learner(config, backend);
        var targetSide = TargetSide(learner.Model, config);
        using var teacher = config.Teacher is null ? null : new Teacher(config, backend);
        var folder = new RunFolder(run);
        if (!resume && folder.HasRun)
        {
            throw new IOException(
                $"{run}: holds a run already; expected a new folder; go on with it by --resume, replace it by --overwrite, or give another --output");
        }
        var checkpoint = resume ? folder.Newest(warn) : null;
        if (checkpoint is null) learner.Start();
        else
        {
            CheckSameRun(checkpoint, folder, config, warn);
            learner.Restore(checkpoint, folder.Path);
        }

        folder.Begin(config);
        if (backend.IsDevice) folder.KeepKernels(backend, resume);
        folder.TruncateLog(checkpoint?.Run.LoggedStep ?? 0);
        var set = LoadSet(config, teacher, folder, backend.Profile, stop);
        ready?.Invoke();
        foreach (var skipped in set.Skipped) warn?.Invoke($"skipped {skipped}");
        if (set.OnDisk > 0) warn?.Invoke($"{set.OnDisk} of {set.Training.Count + set.Validation.Count} pictures do not fit into memory and are read again whenever a patch is cut from them, which is slow; give smaller pictures or fewer");
        foreach (var name in set.Overlap()) warn?.Invoke($"{name}: is a training picture too; the validation score flatters the model");

        var sampler = new PatchSampler(set.Training, config, targetSide, StressSet.Generate(config));
        using var pass = new GradientPass(learner.Model, sampler, config.Batch, config.Patch, warn);
        using var validator = new Validator(learner.Publish(checkpoint?.Run.Step ?? 0), set.Validation);

        return new TrainingLoop(config, folder, learner, sampler, pass, validator, progress, stop).Run(checkpoint);
    }

    // Bad input leaves nothing behind.
    private static TrainingSet LoadSet(TrainingConfig config, Teacher? teacher, RunFolder folder, Profile? profile, CancellationToken stop)
    {
        using var timed = profile?.Begin("read pictures");
        try
        {
            var set = TrainingSet.Load(config, stop: stop);
            return teacher is null ? set : teacher.Teach(set, stop);
        }
        catch
        {
            folder.Abandon();
            throw;
        }
    }

    private static int TargetSide(Model model, TrainingConfig config)
    {
        try
        {
            return model.Training.Output(new Shape(1, config.Patch, config.Patch, config.Channels), model.TrainingEdges).H;
        }
        catch (ShapeException e)
        {
            throw new ConfigException($"patch is {config.Patch}: {e.Message}; expected a patch larger than the network's kernels; raise --patch");
        }
    }

    private static void CheckSameRun(Checkpoint checkpoint, RunFolder folder, TrainingConfig config, Action<string>? warn)
    {
        var before = TrainingConfig.FromJson(checkpoint.Config, folder.Path);
        // What may change without making it another run.
        var same = before with { Steps = config.Steps, LogEvery = config.LogEvery, SaveEvery = config.SaveEvery };
        if (same.ToJson() != config.ToJson())
            throw new ConfigException($"{folder.Path}: the run was begun with other options; expected those of its config.json; resume without changing them or start a new run");
        if (config.Steps < checkpoint.Run.Step)
            throw new ConfigException($"steps is {config.Steps}; {checkpoint.Run.Step} are done in {folder.Path}; expected at least as many; raise --steps");
        if (config.Steps != before.Steps && config.Schedule != Schedule.Constant)
            warn?.Invoke($"{folder.Path}: the learning rate's schedule now runs over {config.Steps} steps instead of {before.Steps}; the result is not that of one run of {config.Steps}");
    }
}

/// <summary>The loss is no longer a number, or so large that it will never come down.</summary>
public sealed class DivergedException(string message) : Exception(message);
