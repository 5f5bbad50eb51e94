using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn evaluate --model NAME_OR_FILE… --data DIR</c>, or <c>--sr DIR --hr DIR</c> for pictures made elsewhere.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Session session)
    {
        var models = new Option<string[]>("--model", "-m")
        {
            Description = "Shipped models, model files, or bicubic. fast, good and best are the default family for the scale. Default: good.",
            AllowMultipleArgumentsPerToken = true,
        };
        var data = new Option<string?>("--data", "-d") { Description = "Folder of original pictures." };
        var scale = new Option<int?>("--scale", "-s") { Description = "Factor. Default: the model's, or 3." };
        var protocol = new Option<string>("--protocol") { Description = "y: luma shrunk in float, as published figures; rgb8: shrunk as 8-bit RGB first.", DefaultValueFactory = _ => "y" };
        var enlarged = new Option<string?>("--sr") { Description = "Folder of pictures that another tool enlarged; with --hr." };
        var originals = new Option<string?>("--hr") { Description = "Folder of their originals, of the same names." };
        var stress = new Option<bool>("--stress")
        {
            Description = "Instead: generated pictures that photographs are nothing like (text, dots, screens), against what the model promises; the exit code is 0 whatever it is.",
        };
        var report = new Option<string?>("--report") { Description = "Also write a web page with tables and pictures." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing report." };
        var tile = new Option<int>("--tile") { Description = "Side of a tile in pixels; 0 chooses." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("evaluate", "Measures PSNR and SSIM against originals.") { models, data, scale, protocol, enlarged, originals, stress, report, overwrite, tile, session.Algorithm, json };

        command.SetAction(parse =>
        {
            var factor = UpscaleCommand.InRange("--scale", parse.GetValue(scale), 1, 16);
            UpscaleCommand.InRange("--tile", parse.GetValue(tile), 0, 1 << 16);
            var how = parse.GetValue(protocol) switch
            {
                "y" => Protocol.Y,
                "rgb8" => Protocol.Rgb8,
                var other => throw new UsageException($"--protocol is '{other}'; expected y or rgb8; correct it"),
            };
            if (parse.GetValue(stress))
            {
                Option[] idle = [data, enlarged, originals, report, protocol, overwrite];
                if (Array.Find(idle, option => parse.GetResult(option) is { Implicit: false }) is { } given)
                    throw new UsageException($"--stress makes pictures, protocol and table of its own; expected no {given.Name} beside it; leave it out");
                using var stressed = new UpscalerShelf(session, parse, parse.GetValue(tile));
                string?[] listed = parse.GetValue(models) is { Length: > 0 } all ? [.. all] : [null];
                return StressReport.Run(session, stressed, listed, factor, parse.GetValue(json));
            }
            var page = parse.GetValue(report);
            if (page is not null) ReportPlace.Check(page, parse.GetValue(overwrite));
            var (sr, hr, folder) = (parse.GetValue(enlarged), parse.GetValue(originals), parse.GetValue(data));
            if ((sr is null) != (hr is null)) throw new UsageException("--sr and --hr belong together; expected both; give the other folder");
            if ((sr is null) == (folder is null))
            {
                throw new UsageException(sr is null
                    ? "no pictures are named; expected --data DIR with originals, or --sr DIR --hr DIR for what another tool made; give one"
                        + " ('srcnn data synth -o DIR' makes some originals)"
                    : "--data and --sr exclude each other; expected one of them; leave one out");
            }

            var names = sr is not null ? [] : parse.GetValue(models) is { Length: > 0 } named ? named : [null!];
            List<Evaluation> evaluations = [];
            List<Upscaler> upscalers = [];
            var crops = new PictureCrops(page is null ? null : folder);
            using var shelf = new UpscalerShelf(session, parse, parse.GetValue(tile));
            try
            {
                if (sr is not null) Keep(Evaluator.Compare(sr, hr!, factor ?? ModelChain.DefaultScale, how, null, session.Stop));
                // All are opened before the first one runs: what is missing is said now and not after an hour.
                foreach (var name in names) upscalers.Add(shelf.Open(name, factor ?? upscalers.FirstOrDefault()?.Scale));
                foreach (var (name, upscaler) in names.Zip(upscalers))
                {
                    var model = name ?? upscaler.Name;
                    var progress = Progress(session, model, PictureFolder.Files(folder!).Count);
                    Keep(Evaluator.Run(upscaler, model, folder!, how, progress, session.Stop));
                    crops.Add(model, upscaler, session.Stop);
                    upscaler.Dispose(); // a device keeps room for the next
                }
            }
            finally
            {
                upscalers.ForEach(upscaler => upscaler.Dispose());
                // Also of an evaluation that breaks off.
                if (parse.GetValue(json) && evaluations.Count > 0)
                    session.PrintJson(names.Length > 1 ? evaluations.Select(Json).ToList() : Json(evaluations[0]));
            }
            if (page is not null) EvaluationReport.Create(evaluations, crops.Pictures).Save(page);
            if (evaluations.Count > 1 && !parse.GetValue(json))
                session.Terminal.Table($"all models on {evaluations[0].Dataset} ×{evaluations[0].Scale}", EvaluationReport.ComparisonColumns, EvaluationReport.Comparison(evaluations));
            if (page is not null) session.Log($"report written to {page}; open it in a browser");
            else if (!parse.GetValue(json))
            {
                session.Log("higher is closer to the originals; bicubic is what enlarging without a network gives"
                    + (sr is not null ? "" : "; --report FILE.html shows the pictures")
                    + (names.Length == 1 ? ", several --model compare networks" : ""));
            }
            return ExitCode.Done;

            void Keep(Evaluation evaluation)
            {
                evaluations.Add(evaluation);
                if (!parse.GetValue(json))
                    session.Terminal.Table(EvaluationReport.Title(evaluation), EvaluationReport.Columns, EvaluationReport.Rows(evaluation));
            }
        });
        return command;
    }

    private static Action<PictureScore> Progress(Session session, string model, int count)
    {
        var done = 0;
        return picture => session.Log(string.Create(CultureInfo.InvariantCulture, $"{model} [{++done}/{count}] {picture.Name}: {picture.Score.Psnr:F2} dB, bicubic {picture.Bicubic.Psnr:F2} dB"));
    }

    private static object Json(Evaluation e) => new
    {
        e.Model,
        e.Network,
        e.Scale,
        Protocol = e.Protocol.ToString().ToLowerInvariant(),
        e.Device,
        e.Dataset,
        Images = e.Pictures.Select(p => new
        {
            p.Name,
            p.Width,
            p.Height,
            Psnr = Session.Finite(p.Score.Psnr),
            p.Score.Ssim,
            Bicubic = Json(p.Bicubic),
            Ms = p.Milliseconds is { } ms ? Math.Round(ms, 2) : (double?)null,
        }),
        Mean = new { Psnr = Session.Finite(e.Mean.Psnr), e.Mean.Ssim, Bicubic = Json(e.BicubicMean) },
    };

    private static object Json(Score score) => new { Psnr = Session.Finite(score.Psnr), score.Ssim };
}

/// <summary>Collects, where a report is wanted, every picture of the folder as each model enlarges it from 8-bit RGB.</summary>
internal sealed class PictureCrops(string? folder)
{
    private readonly Dictionary<string, List<(string Caption, Image Picture)>> pictures = [];

    public IEnumerable<(string Name, IReadOnlyList<(string Caption, Image Picture)> Parts)> Pictures =>
        pictures.Select(p => (p.Key, (IReadOnlyList<(string, Image)>)p.Value));

    public void Add(string model, Upscaler upscaler, CancellationToken stop)
    {
        if (folder is null) return;
        using var bicubic = Upscaler.Bicubic(upscaler.Scale);
        foreach (var file in PictureFolder.Files(folder))
        {
            stop.ThrowIfCancellationRequested();
            var original = ImageFile.Read(file).CropToMultiple(upscaler.Scale);
            var low = Degradation.LowResolution8(original, upscaler.Scale);
            var name = Path.GetFileName(file);
            if (!pictures.TryGetValue(name, out var parts))
                pictures.Add(name, parts = [("original", original), ("bicubic", bicubic.Upscale(low, stop: stop))]);
            if (upscaler.Cost is not null) parts.Add((model, upscaler.Upscale(low, stop: stop)));
        }
    }
}
