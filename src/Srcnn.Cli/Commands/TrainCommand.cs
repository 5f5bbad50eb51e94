using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn train</c></summary>
internal static class TrainCommand
{
    private const int MaxConfigBytes = 1 << 20, SampleCount = 3, SampleSide = 480;

    public static Command Create(Session session)
    {
        var options = new TrainOptions();
        var configFile = new Option<string?>("--config") { Description = "A configuration as a JSON file with the same keys as the options below; options win." };
        var recipe = new Option<string?>("--recipe")
        {
            Description = $"A configuration by name: {string.Join(", ", RecipeCatalog.Names)}. Options win. Default: the best one known for the network and scale.",
        };
        var output = new Option<string?>("--out", "-o") { Description = "Run folder. Default: runs/NETWORK-xSCALE." };
        var resume = new Option<bool>("--resume") { Description = "Continue the run in --out from its newest intact checkpoint." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace the run in --out." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document at the end." };
        var command = new Command("train", "Trains a network.") { recipe, configFile, output, resume, overwrite, json };
        options.AddTo(command);
        command.SetAction(parse =>
        {
            var again = parse.GetValue(resume);
            if (again && parse.GetValue(overwrite)) throw new UsageException("--resume and --overwrite exclude each other; expected one of them; leave one out");
            var (name, file) = (parse.GetValue(recipe), parse.GetValue(configFile));
            if (name is not null && file is not null) throw new UsageException("--recipe and --config exclude each other; expected one of them; leave one out");
            var start = name is not null ? RecipeCatalog.Read(name)
                : file is not null ? ReadConfig(file)
                : again && parse.GetValue(output) is { } old ? ReadConfig(Path.Combine(old, "config.json"))
                : null;
            var config = options.Apply(parse, start ?? RecipeCatalog.For(options.Apply(parse, new TrainingConfig())));
            Check(config, start);
            _ = Engine.Networks.NetworkCatalog.Parse(config.Network);
            var run = parse.GetValue(output) ?? Path.Combine("runs", $"{config.Network}-x{config.Scale}");
            if (parse.GetValue(overwrite) || (!again && NeverBegan(run))) Clear(run);
            foreach (var folder in config.Data.Concat(config.Val)) PictureFolder.Files(folder);

            using var backend = session.OpenBackend(parse);
            // Said once the pictures are read, so that bad input is one line on stderr.
            void Announce() => session.Log($"training {config.Network} ×{config.Scale} on {backend.Name} ({backend.Description}) in {run}");
            if (session.Terminal.IsLive) Announce();
            var result = TrainingDisplay.Show(session, config, run,
                progress => Trainer.Run(config, run, backend, again, progress, session.Warn, session.Terminal.IsLive ? null : Announce, session.Stop));
            if (!result.Completed)
            {
                session.Log($"stopped at step {result.Steps} of {config.Steps}; continue with: srcnn train --out {run} --resume");
                return ExitCode.Interrupted;
            }
            var report = Path.Combine(run, "report.html");
            TrainingReport.Create(run, config, result, Samples(config, result.ModelPath, backend)).Save(report);
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
                    $"done: validation PSNR {result.BestPsnr:F2} dB, bicubic {result.BicubicPsnr:F2} dB (protocol y); report in {report}"));
                session.Terminal.Output.WriteLine($"model in {result.ModelPath}; use it with: srcnn upscale picture.png --model {result.ModelPath}");
            }
            return ExitCode.Done;
        });
        return command;
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
        foreach (var name in (string[])["config.json", "log.jsonl", "model.safetensors", "diverged.safetensors", "report.html"]) File.Delete(Path.Combine(run, name));
        var checkpoints = Path.Combine(run, "checkpoints");
        if (!Directory.Exists(checkpoints)) return;
        foreach (var file in Directory.EnumerateFiles(checkpoints, "*.safetensors")) File.Delete(file);
    }

    /// <summary>A few pictures as bicubic and as the new model enlarge them.</summary>
    private static List<(string Name, Image Bicubic, Image Model)> Samples(TrainingConfig config, string modelPath, IBackend backend)
    {
        using var model = new Model(ModelFile.Load(modelPath), backend);
        using var network = new Upscaler(model);
        using var bicubic = new BicubicUpscaler(config.Scale);
        List<(string, Image, Image)> samples = [];
        foreach (var (name, picture) in Originals(config))
        {
            var low = Degradation.LowResolution8(picture, config.Scale);
            samples.Add((name, bicubic.Upscale(low), network.Upscale(low)));
        }
        return samples;
    }

    private static IEnumerable<(string Name, Image Picture)> Originals(TrainingConfig config)
    {
        var folders = config.Val.Count > 0 ? config.Val : config.Data;
        if (folders.Count == 0)
        {
            // Far from the numbers of the training pictures.
            for (var i = 0; i < SampleCount; i++) yield return ($"generated {i}", SyntheticImages.Picture(SampleSide / 2, SampleSide / 2, config.Seed, (1 << 20) + i));
            yield break;
        }
        foreach (var file in folders.SelectMany(f => PictureFolder.Files(f)).Take(SampleCount))
        {
            Image picture;
            try
            {
                picture = ImageFile.Read(file);
            }
            catch (ImageException)
            {
                continue; // training has warned of it
            }
            yield return (Path.GetFileName(file), Crop(picture));
        }
    }

    private static Image Crop(Image image)
    {
        var (width, height) = (Math.Min(image.Width, SampleSide), Math.Min(image.Height, SampleSide));
        var crop = new Image(width, height, image.Channels, image.BitDepth);
        for (var y = 0; y < height; y++) image.Row(y)[..(width * image.Channels)].CopyTo(crop.Row(y));
        return crop;
    }
}
