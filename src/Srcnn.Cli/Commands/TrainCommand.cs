using System.CommandLine;
using System.Globalization;
using Srcnn.Cli.Devices;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Training;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn train</c></summary>
internal static class TrainCommand
{
    private const int MaxConfigBytes = 1 << 20;

    /// <summary>By so much a learning rate keeps away from the brink.</summary>
    private const double Margin = 10;

    public static Command Create(Session session)
    {
        var options = new TrainOptions();
        var configFile = new Option<string?>("--config") { Description = "A configuration as a JSON file with the same keys as the options below; options win." };
        var recipe = new Option<string?>("--recipe")
        {
            Description = $"A configuration by name: {string.Join(", ", RecipeCatalog.Names)}. Options win. Default: the best one known for the network and scale.",
        };
        var output = new Option<string?>("--output", "-o", "--out") { Description = "Run folder. Default: runs/NETWORK-xSCALE." };
        var resume = new Option<bool>("--resume") { Description = "Continue the run in --output from its newest intact checkpoint." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the run in --output." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document at the end." };
        var command = new Command("train", "Trains a network.") { recipe, configFile, output, resume, overwrite, session.ProfileFile, json };
        options.AddTo(command);
        command.SetAction(parse =>
        {
            var again = parse.GetValue(resume);
            if (again && parse.GetValue(overwrite)) throw new UsageException("--resume and --overwrite exclude each other; expected one of them; leave one out");
            var (name, file) = (parse.GetValue(recipe), parse.GetValue(configFile));
            if (name is not null && file is not null) throw new UsageException("--recipe and --config exclude each other; expected one of them; leave one out");
            var start = name is not null ? RecipeCatalog.Read(name)
                : file is not null ? ReadConfig(file)
                : again && parse.GetValue(output) is { } old ? ReadRun(old)
                : null;
            var config = options.Apply(parse, start ?? RecipeCatalog.For(options.Apply(parse, new TrainingConfig())));
            Check(config, start);
            _ = Engine.Networks.NetworkCatalog.Parse(config.Network);
            var run = parse.GetValue(output) ?? Path.Combine("runs", $"{config.Network}-x{config.Scale}");
            var pairs = new[] { config.DataHr, config.DataLr }.OfType<string>();
            foreach (var folder in config.Data.Concat(config.Val).Concat(pairs)) PictureFolder.Files(folder, config.Recursive);
            // Only now: a folder that is misspelled must not cost the run that was there.
            if (parse.GetValue(overwrite) || (!again && NeverBegan(run))) Clear(run);

            var profile = ProfileReport.Of(session, parse.GetValue(session.ProfileFile), parse.GetValue(overwrite) || again);
            session.Profile = profile?.Profile;
            using var device = new TrainingDevice(session.OpenBackend(parse), mayLeave: parse.GetValue(session.Device) == "auto", parse.GetValue(session.Threads), session.Warn);
            var goOn = $"srcnn train --output {run} --resume";
            var began = false;
            // Said once the pictures are read, so that bad input is one line on stderr.
            void Announce() => session.Log(
                $"{(again ? "going on with" : "training")} {config.Network} ×{config.Scale} to step {config.Steps} on {About(config)}, "
                + $"on {device.Backend.Name} ({device.Backend.Description}), in {run}; Ctrl-C saves and stops, '{goOn}' goes on");
            if (session.Terminal.IsLive) Announce();
            void Ready()
            {
                began = true;
                if (!session.Terminal.IsLive) Announce();
            }
            TrainingResult Show()
            {
                var result = TrainingDisplay.Show(session, config, run, device.Backend, progress => device.Train(run, again, (backend, resume) =>
                    Trainer.Run(config, run, backend, resume, progress, session.Warn, Ready, session.Stop)));
                profile?.Finish(device.Backend.Name, parse.GetValue(session.Threads));
                return result;
            }
            if (config.Schedule == Schedule.Range) return FindRate(session, config, run, device, Show);
            TrainingResult result;
            try
            {
                result = Show();
            }
            catch (Exception e) when (began && e is not DivergedException)
            {
                session.Log($"{run} keeps its last checkpoint; once what stopped it is mended, go on with: {goOn}");
                throw;
            }
            if (!result.Completed)
            {
                var model = result.Steps == 0 ? "nothing is learnt yet"
                    : double.IsFinite(result.BestPsnr) ? $"the best model so far is {result.ModelPath}"
                    : $"the model so far, not yet measured, is {result.ModelPath}";
                session.Log($"stopped at step {result.Steps} of {config.Steps}; {model}; go on with: {goOn}");
                return ExitCode.Interrupted;
            }
            var report = Path.Combine(run, "report.html");
            TrainingReport.Create(RunSamples.Read(run, config, device.Backend)).Save(report);
            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Run = run,
                    Model = result.ModelPath,
                    Report = report,
                    result.Steps,
                    BestPsnr = Session.Finite(result.BestPsnr),
                    BicubicPsnr = Session.Finite(result.BicubicPsnr),
                    Protocol = "y",
                });
            }
            else
            {
                session.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"done: validation PSNR {result.BestPsnr:F2} dB, bicubic {result.BicubicPsnr:F2} dB (protocol y)")
                    + (result.BestPsnr > result.BicubicPsnr ? "" : ", so it is no better than no network yet: train longer")
                    + $"; curves and pictures are in {report}, for a browser");
                session.Terminal.Output.WriteLine($"model in {result.ModelPath}; use it with: srcnn upscale picture.png --model {result.ModelPath}");
                session.Terminal.Output.WriteLine(
                    $"compare it with: srcnn evaluate --data FOLDER --model {result.ModelPath} good bicubic --scale {config.Scale}");
                session.Terminal.Output.WriteLine($"train longer with: {goOn} --steps {2L * result.Steps}");
            }
            return ExitCode.Done;
        });
        return command;
    }

    private static string About(TrainingConfig config) => config switch
    {
        { DataHr: { } pairs } => pairs,
        { Data.Count: > 0 } => string.Join(", ", config.Data),
        _ => "generated pictures (--data FOLDER takes yours)",
    };

    /// <summary>A learning-rate range test: it may well end in a loss that explodes, and has told what it can then.</summary>
    private static int FindRate(Session session, TrainingConfig config, string run, TrainingDevice device, Func<TrainingResult> train)
    {
        try
        {
            train();
            session.Stop.ThrowIfCancellationRequested();
        }
        catch (DivergedException e)
        {
            session.Log(e.Message);
        }
        var seen = RunSamples.Read(run, config, device.Backend);
        var report = Path.Combine(run, "report.html");
        TrainingReport.Create(seen).Save(report);
        var rate = LearningRateRange.Brink(seen.Log) ?? throw new ConfigException($"{run}: no loss was logged; expected some; lower --log-every or --lr-end");
        session.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the loss has doubled at a learning rate of {rate:0.0e+0}; a tenth of it is safe: --lr {rate / Margin:0.0e+0}; curve in {report}"));
        return ExitCode.Done;
    }

    // A value out of range is wrong usage where an option gave it, bad input where the file did.
    private static void Check(TrainingConfig config, TrainingConfig? file)
    {
        try
        {
            config.Validate();
        }
        catch (ConfigException e)
        {
            file?.Validate();
            throw new UsageException(e.Message);
        }
    }

    /// <summary>The configuration of the run in a folder.</summary>
    internal static TrainingConfig ReadRun(string run) => Path.Combine(run, "config.json") is var path && File.Exists(path)
        ? ReadConfig(path)
        : throw new InputException(
            $"{run}: {(Directory.Exists(run) ? "a folder without config.json" : "no such folder")}; "
            + "expected a run that 'srcnn train' wrote; check the path, or begin one with 'srcnn train'");

    private static TrainingConfig ReadConfig(string path) => TrainingConfig.FromJson(
        Inputs.Read(path, p => new FileInfo(p).Length <= MaxConfigBytes
            ? File.ReadAllText(p)
            : throw new ConfigException($"{p}: {new FileInfo(p).Length} bytes; expected a configuration of at most {MaxConfigBytes}; check the path")),
        path);

    // A run that failed before its first step left its configuration and nothing of worth.
    private static bool NeverBegan(string run) =>
        File.Exists(Path.Combine(run, "config.json")) && !File.Exists(Path.Combine(run, "log.jsonl")) && !File.Exists(Path.Combine(run, "model.safetensors"))
        && !(Directory.Exists(Path.Combine(run, "checkpoints")) && Directory.EnumerateFiles(Path.Combine(run, "checkpoints")).Any());

    // Only what a run writes; whatever else lies in the folder is the user's.
    internal static void Clear(string run)
    {
        if (!Directory.Exists(run)) return;
        foreach (var name in (string[])["config.json", "kernels.txt", "log.jsonl", "events.out.tfevents.srcnn", "model.safetensors", "diverged.safetensors", "report.html"]) File.Delete(Path.Combine(run, name));
        var checkpoints = Path.Combine(run, "checkpoints");
        if (!Directory.Exists(checkpoints)) return;
        foreach (var file in Directory.EnumerateFiles(checkpoints, "*.safetensors")) File.Delete(file);
    }
}
