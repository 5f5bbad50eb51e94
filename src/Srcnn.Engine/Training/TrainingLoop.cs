using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// The steps of one run. Reports (log line, validation, checkpoint) belong to the step before them and are made up for after a resume, so
/// that a run may be stopped anywhere, also within a validation, and still end in the same bits.
/// </summary>
internal sealed class TrainingLoop(
    TrainingConfig config, RunFolder folder, Learner learner, PatchSampler sampler, GradientPass pass, Validator validator,
    IProgress<TrainingProgress>? progress, CancellationToken stop)
{
    /// <summary>A loss that nothing recovers from: every value is wrong by ten times the picture's range.</summary>
    private const double Exploded = 100;

    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <summary>To read a loss is to wait for the device; on the host it costs nothing.</summary>
    private readonly bool watchful = !learner.Model.Backend.IsDevice;

    private RunState state = new(0, 0, double.NegativeInfinity, [], []);
    private int savedStep = -1, timedStep;
    private double timedAt;

    /// <summary>Trains from the beginning, or from <paramref name="checkpoint"/> whose weights the learner has, to the last step or the wish to stop.</summary>
    public TrainingResult Run(Checkpoint? checkpoint)
    {
        if (checkpoint is not null)
        {
            (state, pass.Losses) = (checkpoint.Run, checkpoint.Run.Losses);
            timedStep = savedStep = state.Step;
        }
        try
        {
            while (Report() && state.Step < config.Steps && Advance()) { }
        }
        catch (Exception e) when (e is DataException or DeviceMemoryException)
        {
            // A picture vanished under the run, or others took the device's memory: what was learnt must not go with it.
            Save();
            throw;
        }
        if (savedStep != state.Step) Save();
        // Stopped before its first validation, what was learnt is a model all the same.
        if (state.Step > 0 && double.IsNegativeInfinity(state.BestPsnr)) learner.Snapshot(state.Step, null).Save(folder.ModelPath);
        return new TrainingResult(state.Step, state.BestPsnr, validator.BicubicPsnr, state.LoggedStep >= config.Steps, folder.ModelPath);
    }

    /// <summary>One step; false if it was stopped before its end and nothing has changed.</summary>
    private bool Advance()
    {
        var step = state.Step + 1;
        if (stop.IsCancellationRequested || !pass.Run((long)state.Step * config.Batch, stop)) return false;
        if (watchful) CheckLoss(step);
        if (IsDue(step)) state = state with { Layers = LayerState.Of(learner.Model.Parameters, pass.Grads) };
        learner.Step(step, pass.Grads);
        state = state with { Step = step };
        return true;
    }

    /// <summary>What is due after the step in hand; false if a validation was stopped and is still due.</summary>
    private bool Report()
    {
        var step = state.Step;
        if (step == state.LoggedStep || !IsDue(step)) return true;
        var loss = CheckLoss(step);
        var now = clock.Elapsed.TotalSeconds;
        double? psnr = null;
        try
        {
            if (IsSaved(step)) psnr = Validate();
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        var speed = (step - timedStep) * config.Batch / (now - timedAt);
        var report = new TrainingProgress(
            step, config.Steps, (double)step * config.Batch / sampler.EpochLength, loss, psnr, validator.BicubicPsnr,
            learner.LearningRate(step), speed, speed * pass.Flops, pass.MicroBatch, now, state.Layers);
        folder.Log(report);
        progress?.Report(report);
        pass.TakeLoss();
        state = state with { LoggedStep = step };
        (timedStep, timedAt) = (step, clock.Elapsed.TotalSeconds);
        if (psnr is null) return true;

        if (psnr > state.BestPsnr)
        {
            state = state with { BestPsnr = psnr.Value };
            learner.Snapshot(step, psnr.Value).Save(folder.ModelPath);
        }
        Save();
        return true;
    }

    private bool IsSaved(int step) => step % config.SaveEvery == 0 || step == config.Steps;

    private bool IsDue(int step) => step % config.LogEvery == 0 || IsSaved(step);

    private double Validate()
    {
        using var timed = learner.Model.Backend.Profile?.Begin("validation");
        learner.Publish(state.Step);
        var psnr = validator.Run(stop);
        return double.IsNaN(psnr) ? throw Diverged("the network's output is not finite", state.Step, "finite numbers") : psnr;
    }

    private void Save()
    {
        using var timed = learner.Model.Backend.Profile?.Begin("checkpoint");
        var checkpoint = Capture();
        if (checkpoint.Broken is { } name) throw Diverged($"{name} is not finite", state.Step, "finite numbers");
        folder.Save(checkpoint);
        savedStep = state.Step;
    }

    private Checkpoint Capture() => learner.Capture(state with { Losses = pass.Losses });

    /// <summary>The mean loss since the last report, up to and with <paramref name="step"/>.</summary>
    private double CheckLoss(int step)
    {
        var loss = pass.Loss / (step - state.LoggedStep);
        if (loss <= Exploded) return loss;
        throw Diverged(
            double.IsFinite(loss) ? string.Create(CultureInfo.InvariantCulture, $"the loss is {loss:0.0e+0}") : "the loss is not finite", step,
            $"at most {Exploded}, an error of ten times the picture's range");
    }

    /// <summary>The error, after what led to it was written down: on the host the weights before the step, and the batch.</summary>
    private DivergedException Diverged(string what, int step, string expected) => new(
        $"{what} at step {step}; expected {expected}; lower --lr or look at the data; "
        + (folder.HasCheckpoint ? $"the last checkpoint is kept in {folder.Path}" : "no checkpoint had been saved yet")
        + $"; {folder.SaveDiverged(Capture(), sampler.Batch((step - 1L) * config.Batch, config.Batch))}");
}
