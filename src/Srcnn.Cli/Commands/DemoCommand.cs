using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn demo</c>: the whole story in a minute, without a download or an argument.</summary>
internal static class DemoCommand
{
    private const string Recipe = "srcnn-9-1-5-x3-quick";
    private const int Side = 288, Scale = 3, HeldOut = 1 << 20;

    // Stops training on slow machines while the result is still worth showing.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static Command Create(Session session)
    {
        var output = new Option<string>("--output", "-o") { Description = "Folder to write to; what an earlier demo left there is replaced.", DefaultValueFactory = _ => "demo" };
        var steps = new Option<int>("--steps") { Description = "Training steps.", DefaultValueFactory = _ => 1000 };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("demo", "Trains a small network on generated pictures and shows what it does, in about a minute.") { output, steps, json };
        command.SetAction(parse =>
        {
            var folder = parse.GetValue(output)!;
            var count = UpscaleCommand.InRange("--steps", parse.GetValue(steps), 1, 10_000_000)!.Value;
            var run = Path.Combine(folder, "run");
            var config = RecipeCatalog.Read(Recipe) with { Steps = count, LogEvery = Math.Max(1, count / 100), SaveEvery = Math.Max(1, count / 10) };
            Directory.CreateDirectory(folder);
            TrainCommand.Clear(run);

            using var backend = session.OpenBackend(parse);
            session.Log($"1. training {config.Network} ×{Scale} for {count} steps on generated pictures, on {backend.Name} ({backend.Description})");
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(session.Stop);
            limit.CancelAfter(Longest);
            var result = TrainingDisplay.Show(session, config, run, backend, progress => Trainer.Run(config, run, backend, progress: progress, warn: session.Warn, stop: limit.Token));
            session.Stop.ThrowIfCancellationRequested();
            if (!File.Exists(result.ModelPath)) throw new DataException($"training reached step {result.Steps} of {count} in {Longest.TotalSeconds:F0} s and has no model yet; expected a faster device; give fewer --steps");

            session.Log("2. enlarging a picture that was not trained on");
            var original = SyntheticImages.Picture(Side, Side, config.Seed, HeldOut);
            var low = Degradation.LowResolution8(original, Scale);
            var options = new UpscalerOptions { Scale = Scale, Backend = backend, Warn = session.Warn };
            using Upscaler bicubic = Upscaler.Bicubic(Scale), fresh = Upscaler.Open(result.ModelPath, options), shipped = Upscaler.Open(options: options);

            List<(string Name, Score Score, Image Picture)> rows = [];
            foreach (var (name, upscaler) in new[] { ("bicubic", bicubic), ("fresh", fresh), ("shipped", shipped) })
            {
                rows.Add((name, Evaluator.Score(upscaler, original), upscaler.Upscale(low)));
                ImageFile.Write(Path.Combine(folder, $"{name}.png"), rows[^1].Picture);
            }
            ImageFile.Write(Path.Combine(folder, "original.png"), original);
            ImageFile.Write(Path.Combine(folder, "input.png"), low);
            var report = Path.Combine(folder, "report.html");
            var reported = new ReportedRun("fresh", config, new RunFolder(run).ReadLog(), null, []);
            Report(rows, original, low, reported, result.Steps).Save(report);

            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Output = folder,
                    Report = report,
                    Model = result.ModelPath,
                    result.Steps,
                    Protocol = "y",
                    Results = rows.Select(r => new { r.Name, Psnr = Session.Finite(r.Score.Psnr), r.Score.Ssim }),
                });
                return ExitCode.Done;
            }
            session.Terminal.Table($"a generated picture ×{Scale}, protocol y", Columns, Cells(rows));
            var print = session.Terminal.Output;
            print.WriteLine("higher is closer to the original: 'fresh' was trained just now, 'shipped' comes with the program");
            print.WriteLine($"open {report} in a browser for the pictures; then, with pictures of your own:");
            print.WriteLine("  srcnn upscale picture.png                 enlarge one by the shipped network");
            print.WriteLine($"  srcnn upscale picture.png --model {result.ModelPath}    by the fresh one");
            print.WriteLine("  srcnn train --data FOLDER                 train a network on yours");
            return ExitCode.Done;
        });
        return command;
    }

    private static string[] Columns => ["enlarged by", "PSNR in dB", "SSIM"];

    private static IReadOnlyList<IReadOnlyList<string>> Cells(IEnumerable<(string Name, Score Score, Image)> rows) =>
        [.. rows.Select(r => (IReadOnlyList<string>)[r.Name, r.Score.Psnr.ToString("F2", CultureInfo.InvariantCulture), r.Score.Ssim.ToString("F4", CultureInfo.InvariantCulture)])];

    private static HtmlPage Report(
        List<(string Name, Score Score, Image Picture)> rows, Image original, Image low, ReportedRun run, int steps)
    {
        var page = new HtmlPage("srcnn demo")
            .Text($"A network of three convolutions was trained on generated pictures for {steps} steps. "
                + $"Below, a picture it has never seen: shrunk {Scale} times, then enlarged again.")
            .Table(Columns, Cells(rows)).Text("Protocol y: on 8-bit luma, borders shaved.")
            .Heading("Bicubic against the fresh network")
            .Slider(("bicubic", rows[0].Picture), ("fresh network", rows[1].Picture), 2)
            .Heading("All pictures")
            .Pictures([("input, each pixel repeated", ComparisonSheet.Nearest(low, Scale)), .. rows.Select(r => (r.Name, r.Picture)), ("original", original)])
            .Heading("Training");
        TrainingReport.AddCurves(page, [run]);
        return page;
    }
}
