using System.Diagnostics;
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
    /// <param name="run">Receives config.json, log.jsonl, checkpoints/ and model.safetensors (the best so far).</param>
    /// <param name="backend">Not owned.</param>
    /// <param name="resume">Continue; the configuration must be the run's own but for steps and intervals.</param>
    /// <param name="progress">Told of every log line.</param>
    /// <param name="warn">Told of skipped files, damaged checkpoints and the like, a line each.</param>
    /// <param name="ready">Called once the data is read and found usable.</param>
    /// <param name="stop">Stops after the step in hand.</param>
    /// <exception cref="ConfigException">The configuration is unusable, or not that of the run to resume.</exception>
    /// <exception cref="UnknownNetworkException">No network has that name.</exception>
    /// <exception cref="DataException">The data set is unusable.</exception>
    /// <exception cref="ModelException">The model to start from, or every checkpoint, is unusable.</exception>
    /// <exception cref="DivergedException">
    /// A loss or weight became NaN or infinite; the last checkpoint is kept. Noticed at once on host and reference, else at the next log
    /// line: to read a loss is to wait for the device.
    /// </exception>
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
        var folder = new RunFolder(run);
        if (!resume && folder.HasRun)
            throw new IOException($"{run}: holds a run already; expected a new folder; continue it with --resume or give another --out");
        var checkpoint = resume ? folder.Newest(warn) : null;
        if (checkpoint is null) learner.Start();
        else
        {
            CheckSameRun(checkpoint, folder, config, warn);
            learner.Restore(checkpoint, folder.Path);
        }

        folder.Begin(config);
        folder.TruncateLog(checkpoint?.Step ?? 0);
        var set = LoadSet(config, folder);
        ready?.Invoke();
        foreach (var skipped in set.Skipped) warn?.Invoke($"skipped {skipped}");
        foreach (var name in set.Overlap()) warn?.Invoke($"{name}: is a training picture too; the validation score flatters the model");

        var sampler = new PatchSampler(set.Training, config, targetSide);
        using var pass = new GradientPass(learner.Model, sampler, config.Batch, config.Patch);
        using var validator = new Validator(learner.Publish(), set.Validation);

        var (step, loggedStep, best) = (checkpoint?.Step ?? 0, checkpoint?.LoggedStep ?? 0, checkpoint?.BestPsnr ?? double.NegativeInfinity);
        if (checkpoint is not null) pass.Losses = checkpoint.Losses;
        var watchful = backend is HostBackend or ReferenceBackend;

        var clock = Stopwatch.StartNew();
        var (timedStep, timedAt) = (step, 0.0);
        var saved = checkpoint is null ? -1 : step;
        while (step < config.Steps && !stop.IsCancellationRequested)
        {
            pass.Run((long)step * config.Batch);
            if (watchful && !double.IsFinite(pass.Loss)) throw Diverged("the loss", step + 1, folder);
            learner.Step(++step, pass.Grads);
            var save = step % config.SaveEvery == 0 || step == config.Steps;
            if (step % config.LogEvery != 0 && !save) continue;

            var loss = pass.TakeLoss() / (step - loggedStep);
            if (!double.IsFinite(loss)) throw Diverged("the loss", step, folder);
            var now = clock.Elapsed.TotalSeconds;
            var psnr = save ? Validate() : (double?)null;
            if (psnr is double.NaN) throw Diverged("the network's output", step, folder);
            var report = new TrainingProgress(
                step, config.Steps, (double)step * config.Batch / sampler.EpochLength, loss, psnr, validator.BicubicPsnr,
                learner.LearningRate(step), (step - timedStep) * config.Batch / (now - timedAt), now);
            folder.Log(report);
            progress?.Report(report);
            (loggedStep, timedStep, timedAt) = (step, step, clock.Elapsed.TotalSeconds);
            if (!save) continue;

            if (psnr > best)
            {
                best = psnr.Value;
                learner.Snapshot(step, best).Save(folder.ModelPath);
            }
            folder.Save(learner.Capture(pass.Losses, loggedStep, step, best));
            saved = step;
        }
        if (saved != step) folder.Save(learner.Capture(pass.Losses, loggedStep, step, best));
        return new TrainingResult(step, best, validator.BicubicPsnr, step >= config.Steps, folder.ModelPath);

        double Validate()
        {
            learner.Publish();
            return validator.Run();
        }
    }

    // Bad input leaves nothing behind.
    private static TrainingSet LoadSet(TrainingConfig config, RunFolder folder)
    {
        try
        {
            return TrainingSet.Load(config);
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
            return model.Training.Output(new Shape(1, config.Patch, config.Patch, config.Channels)).H;
        }
        catch (ShapeException e)
        {
            throw new ConfigException($"patch is {config.Patch}: {e.Message}; expected a patch larger than the network's kernels; raise --patch");
        }
    }

    private static DivergedException Diverged(string what, int step, RunFolder folder) =>
        new($"{what} is not finite at step {step}; expected finite numbers; lower --lr or look at the data; the last checkpoint is kept in {folder.Path}");

    private static void CheckSameRun(Checkpoint checkpoint, RunFolder folder, TrainingConfig config, Action<string>? warn)
    {
        var before = TrainingConfig.FromJson(checkpoint.Config, folder.Path);
        // What may change without making it another run.
        var same = before with { Steps = config.Steps, LogEvery = config.LogEvery, SaveEvery = config.SaveEvery };
        if (same.ToJson() != config.ToJson())
            throw new ConfigException($"{folder.Path}: the run was begun with other options; expected those of its config.json; resume without changing them or start a new run");
        if (config.Steps < checkpoint.Step)
            throw new ConfigException($"steps is {config.Steps}; {checkpoint.Step} are done in {folder.Path}; expected at least as many; raise --steps");
        if (config.Steps != before.Steps && config.Schedule != Schedule.Constant)
            warn?.Invoke($"{folder.Path}: the learning rate's schedule now runs over {config.Steps} steps instead of {before.Steps}; the result is not that of one run of {config.Steps}");
    }
}

/// <summary>The loss is no longer a number.</summary>
public sealed class DivergedException(string message) : Exception(message);
