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
        if (evaluations.Count > 1) page.Heading("All models").Table(ComparisonColumns, Comparison(evaluations));
        foreach (var evaluation in evaluations) page.Heading(Title(evaluation)).Table(Columns, Rows(evaluation), lastIsMean: true);
        page.Heading("Pictures").Text($"The most detailed {CropSide} × {CropSide} pixels of each, enlarged {CropZoom} times.");
        foreach (var (name, parts) in crops)
        {
            var (x, y) = MostDetailed(parts[0].Picture);
            page.Text(name).Pictures(parts.Select(p => (p.Caption, Cut(p.Picture, x, y))), CropZoom);
        }
        return page;
    }

    private static string[] Numbers(Score score) =>
        [score.Psnr.ToString("F2", CultureInfo.InvariantCulture), score.Ssim.ToString("F4", CultureInfo.InvariantCulture)];

    /// <summary>Corner of the square with the most variance, on a coarse grid.</summary>
    private static (int X, int Y) MostDetailed(Image image)
    {
        var luma = Luma.Rounded(image);
        var (side, best, corner) = (Math.Min(CropSide, Math.Min(image.Width, image.Height)), -1.0, (0, 0));
        for (var y = 0; y + side <= image.Height; y += side / 2)
        for (var x = 0; x + side <= image.Width; x += side / 2)
        {
            var (sum, squares) = (0.0, 0.0);
            for (var row = y; row < y + side; row++)
            {
                foreach (var value in luma.Row(row).Slice(x, side))
                {
                    sum += value;
                    squares += (double)value * value;
                }
            }
            var variance = squares - (sum * sum / (side * side));
            if (variance > best) (best, corner) = (variance, (x, y));
        }
        return corner;
    }

    private static Image Cut(Image image, int x0, int y0)
    {
        var (width, height) = (Math.Min(CropSide, image.Width - x0), Math.Min(CropSide, image.Height - y0));
        var cut = new Image(width, height, image.Channels, image.BitDepth);
        for (var y = 0; y < height; y++) image.Row(y0 + y).Slice(x0 * image.Channels, width * image.Channels).CopyTo(cut.Row(y));
        return cut;
    }
}
