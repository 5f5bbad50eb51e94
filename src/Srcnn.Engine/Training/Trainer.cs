using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Srcnn.Engine.Data;
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
    /// <param name="config">The run.</param>
    /// <param name="run">Receives config.json, log.jsonl, checkpoints/ and model.safetensors (the best so far).</param>
    /// <param name="backend">Not owned.</param>
    /// <param name="resume">Continue; the configuration must be the run's own but for steps and intervals.</param>
    /// <param name="progress">Told of every log line.</param>
    /// <param name="warn">Told of skipped files and damaged checkpoints, a line each.</param>
    /// <param name="stop">Stops after the step in hand.</param>
    /// <exception cref="ConfigException">The configuration is unusable.</exception>
    /// <exception cref="DataException">The data set is unusable.</exception>
    /// <exception cref="ModelException">The model to start from, or every checkpoint, is unusable.</exception>
    /// <exception cref="DivergedException">The loss became NaN or infinite; the last checkpoint is kept.</exception>
    /// <exception cref="IOException">The run folder cannot be written, or holds another run.</exception>
    public static TrainingResult Run(
        TrainingConfig config, string run, IBackend backend, bool resume = false,
        IProgress<TrainingProgress>? progress = null, Action<string>? warn = null, CancellationToken stop = default)
    {
        config.Validate();
        var network = Configure(config);
        var start = config.Init is { } init ? LoadInitial(init, network, config) : null;
        using var model = new Model(network, config.Scale, backend);
        var targetSide = TargetSide(model, config);

        var folder = new RunFolder(run, resume);
        folder.WriteConfig(config);
        var set = TrainingSet.Load(config);
        foreach (var skipped in set.Skipped) warn?.Invoke($"skipped {skipped}");

        using var optimizer = new Optimizer(config, model.Parameters);
        var sampler = new PatchSampler(set.Training, config, targetSide);
        using var pass = new GradientPass(model, sampler, config.Batch, config.Patch);
        using var validator = new Validator(model, set.Validation);

        var (step, loggedStep, best) = (0, 0, double.NegativeInfinity);
        if (resume)
        {
            var checkpoint = Restore(folder, model, optimizer, config, warn);
            (step, loggedStep, best) = (checkpoint.Step, checkpoint.LoggedStep, checkpoint.BestPsnr);
            pass.Losses = checkpoint.Losses;
            folder.TruncateLog(step);
        }
        else if (start is not null)
        {
            model.Load(start.Tensors);
        }
        else
        {
            model.Parameters.Initialize(config.Seed);
        }

        var clock = Stopwatch.StartNew();
        var (timedStep, timedAt) = (step, 0.0);
        var saved = resume ? step : -1;
        while (step < config.Steps && !stop.IsCancellationRequested)
        {
            pass.Run((long)step * config.Batch);
            optimizer.Step(++step, pass.Grads);
            var save = step % config.SaveEvery == 0 || step == config.Steps;
            if (step % config.LogEvery != 0 && !save) continue;

            var loss = pass.TakeLoss() / (step - loggedStep);
            if (!double.IsFinite(loss))
                throw new DivergedException($"the loss is {loss} at step {step}; expected a finite number; lower --lr or look at the data; the last checkpoint is kept in {folder.Path}");
            var now = clock.Elapsed.TotalSeconds;
            var psnr = save ? validator.Run() : (double?)null;
            var report = new TrainingProgress(
                step, config.Steps, (double)step * config.Batch / sampler.EpochLength, loss, psnr, validator.BicubicPsnr,
                optimizer.LearningRate(step), (step - timedStep) * config.Batch / (now - timedAt), now);
            folder.Log(report);
            progress?.Report(report);
            (loggedStep, timedStep, timedAt) = (step, step, clock.Elapsed.TotalSeconds);
            if (!save) continue;

            if (!double.IsFinite(psnr!.Value))
                throw new DivergedException($"the network's output is not finite at step {step}; expected finite numbers; lower --lr; the last checkpoint is kept in {folder.Path}");
            if (psnr > best)
            {
                best = psnr.Value;
                Snapshot(model, config, step, psnr).Save(folder.ModelPath);
            }
            folder.Save(Capture(model, optimizer, pass.Losses, config, loggedStep, step, best));
            saved = step;
        }
        if (saved != step) folder.Save(Capture(model, optimizer, pass.Losses, config, loggedStep, step, best));
        return new TrainingResult(step, best, validator.BicubicPsnr, step >= config.Steps, folder.ModelPath);
    }

    private static NetworkConfig Configure(TrainingConfig config)
    {
        var network = NetworkCatalog.Parse(config.Network) with { Channels = config.Channels };
        return network is SrcnnConfig srcnn ? srcnn with { Start = config.Start } : network;
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

    private static ModelFile LoadInitial(string path, NetworkConfig network, TrainingConfig config)
    {
        var file = ModelFile.Load(path);
        if (file.Scale != config.Scale)
            throw new ModelException(path, $"a model for ×{file.Scale}", $"expected ×{config.Scale}", "give a model of that scale or change --scale");
        return file with { Tensors = ModelFile.InOrder(network, file.Tensors, path) };
    }

    private static Checkpoint Restore(RunFolder folder, Model model, Optimizer optimizer, TrainingConfig config, Action<string>? warn)
    {
        var (checkpoint, damaged) = folder.Newest();
        foreach (var line in damaged) warn?.Invoke(line);
        var before = TrainingConfig.FromJson(checkpoint.Config, folder.Path);
        // What may change without making it another run.
        var same = before with { Steps = config.Steps, LogEvery = config.LogEvery, SaveEvery = config.SaveEvery };
        if (same.ToJson() != config.ToJson())
            throw new ConfigException($"{folder.Path}: the run was begun with other options; expected those of its config.json; resume without changing them or start a new run");
        model.Load(ModelFile.InOrder(model.Network, checkpoint.Model.Tensors, folder.Path));
        foreach (var (name, values) in optimizer.State)
        foreach (var parameter in model.Parameters.Parameters)
        {
            var tensor = checkpoint.Optimizer.FirstOrDefault(t => t.Name == $"{name}/{parameter.Name}")
                ?? throw new ModelException(folder.Path, $"{name} of {parameter.Name} is missing", "expected the optimiser's whole state", "start the run anew");
            model.Parameters.Window(values, parameter).CopyFrom(parameter.FromFile(tensor.Values));
        }
        return checkpoint;
    }

    private static Checkpoint Capture(Model model, Optimizer optimizer, float[] losses, TrainingConfig config, int loggedStep, int step, double best)
    {
        var state = optimizer.State.SelectMany(s => model.Save(s.Values).Select(t => t with { Name = $"{s.Name}/{t.Name}" }));
        return new Checkpoint(Snapshot(model, config, step, null), [.. state], losses, loggedStep, step, best, config.ToJson());
    }

    private static ModelFile Snapshot(Model model, TrainingConfig config, int step, double? psnr)
    {
        var record = JsonSerializer.Serialize(new Dictionary<string, string>
        {
            ["data"] = config.Data.Count == 0 ? "generated" : string.Join(", ", config.Data.Select(d => Path.GetFileName(Path.TrimEndingDirectorySeparator(d)))),
            ["steps"] = step.ToString(CultureInfo.InvariantCulture),
            ["batch"] = config.Batch.ToString(CultureInfo.InvariantCulture),
            ["optimizer"] = config.Optimizer.ToString(),
            ["lr"] = config.Lr.ToString(CultureInfo.InvariantCulture),
            ["seed"] = config.Seed.ToString(CultureInfo.InvariantCulture),
            ["backend"] = model.Backend.Name,
            ["version"] = typeof(Trainer).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown",
        });
        return new ModelFile(model.Network, model.Scale, model.Save(), record, psnr);
    }
}

/// <summary>A data set cannot be used.</summary>
public sealed class DataException(string message) : Exception(message);

/// <summary>The loss is no longer a number.</summary>
public sealed class DivergedException(string message) : Exception(message);
