using System.Globalization;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Reports;

/// <summary>The page of an evaluation: a table per model and the pictures side by side.</summary>
public static class EvaluationReport
{
    private const int CropSide = 96, CropZoom = 2;

    /// <summary>Writes a table; the last row is the mean.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(Evaluation.Evaluation evaluation)
    {
        List<IReadOnlyList<string>> rows = [.. evaluation.Pictures.Select(p => (IReadOnlyList<string>)
            [p.Name, $"{p.Width}×{p.Height}", .. Numbers(p.Score), .. Numbers(p.Bicubic), p.Milliseconds?.ToString("F0", CultureInfo.InvariantCulture) ?? "–"])];
        rows.Add(["mean", "", .. Numbers(evaluation.Mean), .. Numbers(evaluation.BicubicMean), ""]);
        return rows;
    }

    /// <summary>Titles of the columns of <see cref="Rows"/>.</summary>
    public static IReadOnlyList<string> Columns => ["picture", "size", "PSNR", "SSIM", "bicubic PSNR", "SSIM", "ms"];

    /// <summary>One row per model: quality against what it takes.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Comparison(IReadOnlyList<Evaluation.Evaluation> evaluations) =>
    [
        .. evaluations.Select(e => (IReadOnlyList<string>)
        [
            e.Model, .. Numbers(e.Mean), e.Cost?.Parameters.ToString("N0", CultureInfo.InvariantCulture) ?? "–",
            e.Cost?.GigaflopsPerMegapixel.ToString("F1", CultureInfo.InvariantCulture) ?? "–",
            e.Pictures.Average(p => p.Milliseconds)?.ToString("F0", CultureInfo.InvariantCulture) ?? "–",
        ]),
    ];

    /// <summary>Titles of the columns of <see cref="Comparison"/>; ms is the mean over the pictures.</summary>
    public static IReadOnlyList<string> ComparisonColumns => ["model", "PSNR", "SSIM", "parameters", "GFLOP per megapixel", "ms"];

    /// <summary>What a table of one evaluation is called, its protocol included.</summary>
    public static string Title(Evaluation.Evaluation e) =>
        $"{e.Model} on {e.Dataset} ×{e.Scale}, protocol {e.Protocol.ToString().ToLowerInvariant()}{(e.Device is null ? "" : $", {e.Device}")}";

    /// <summary>The page.</summary>
    /// <param name="evaluations">One per model.</param>
    /// <param name="crops">Per picture: its name and the same part of it from the original, bicubic and every model.</param>
    public static HtmlPage Create(IReadOnlyList<Evaluation.Evaluation> evaluations, IEnumerable<(string Name, IReadOnlyList<(string Caption, Image Picture)> Parts)> crops)
    {
        var page = new HtmlPage($"Evaluation on {evaluations[0].Dataset} ×{evaluations[0].Scale}");
        if (evaluations.Count > 1) page.Heading("All models").Table(ComparisonColumns, Comparison(evaluations)).Chart(QualityAgainstTime(evaluations));
        foreach (var evaluation in evaluations) page.Heading(Title(evaluation)).Table(Columns, Rows(evaluation), lastIsMean: true);
        page.Heading("Pictures").Text($"The most detailed {CropSide} × {CropSide} pixels of each, enlarged {CropZoom} times.");
        foreach (var (name, parts) in crops)
        {
            var (x, y, width, height) = Detail.Strongest([Luma.Rounded(parts[0].Picture)], CropSide);
            page.Text(name).Pictures(parts.Select(p => (p.Caption, p.Picture.Cut(x, y, width, height))), CropZoom);
        }
        return page;
    }

    /// <summary>A dot per model; its time is the median over pictures, which the machine's own disturbances move least.</summary>
    private static Chart QualityAgainstTime(IReadOnlyList<Evaluation.Evaluation> evaluations) => new(
        "Mean PSNR in dB against ms per megapixel of the enlarged picture: the best are up and left",
        [.. evaluations.Where(e => e.MillisecondsPerMegapixel is not null).Select(e => new Curve(e.Model, [(e.MillisecondsPerMegapixel!.Value, e.Mean.Psnr)]))],
        Level: ("bicubic", evaluations[0].BicubicMean.Psnr), Axis: "ms per megapixel", LogarithmicX: true, Dots: true);

    private static string[] Numbers(Score score) =>
        [score.Psnr.ToString("F2", CultureInfo.InvariantCulture), score.Ssim.ToString("F4", CultureInfo.InvariantCulture)];
}
