using System.Globalization;
using System.Text.Json;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Training;

namespace Srcnn.Engine.Reports;

/// <summary>The page of a run: its curves out of log.jsonl, so that a resumed run shows all of it.</summary>
public static class TrainingReport
{
    /// <summary>Adds loss, PSNR and speed of the run in <paramref name="run"/> to <paramref name="page"/>.</summary>
    public static void AddCurves(HtmlPage page, string run, double bicubicPsnr)
    {
        List<(double X, double Y)> loss = [], psnr = [], rate = [];
        foreach (var line in File.ReadLines(Path.Combine(run, "log.jsonl")))
        {
            if (line.Length == 0) continue;
            using var entry = JsonDocument.Parse(line);
            var step = entry.RootElement.GetProperty("step").GetDouble();
            loss.Add((step, entry.RootElement.GetProperty("loss").GetDouble()));
            rate.Add((step, entry.RootElement.GetProperty("lr").GetDouble()));
            if (entry.RootElement.TryGetProperty("psnr", out var value) && value.ValueKind == JsonValueKind.Number) psnr.Add((step, value.GetDouble()));
        }
        page.Chart(new Chart("Validation PSNR in dB, protocol y", psnr, Level: ("bicubic", bicubicPsnr)));
        page.Chart(new Chart("Loss (mean squared error in [0, 1])", loss, Logarithmic: true));
        page.Chart(new Chart("Learning rate", rate, Logarithmic: true));
    }

    /// <summary>The whole report of a run.</summary>
    /// <param name="samples">Pictures by bicubic and by the model, of equal size; may be empty.</param>
    public static HtmlPage Create(string run, TrainingConfig config, TrainingResult result, IReadOnlyList<(string Name, Image Bicubic, Image Model)> samples)
    {
        var page = new HtmlPage($"{config.Network} ×{config.Scale}");
        page.Text(string.Create(CultureInfo.InvariantCulture,
            $"{result.Steps} of {config.Steps} steps; best validation PSNR {result.BestPsnr:F2} dB, bicubic {result.BicubicPsnr:F2} dB (protocol y)."));
        page.Heading("Curves");
        AddCurves(page, run, result.BicubicPsnr);
        if (samples.Count > 0) page.Heading("Samples");
        foreach (var (name, bicubic, model) in samples) page.Slider(($"{name}: bicubic", bicubic), ("model", model));
        page.Heading("Configuration").Table(["key", "value"], [.. Keys(config)]);
        return page;
    }

    private static IEnumerable<IReadOnlyList<string>> Keys(TrainingConfig config)
    {
        using var document = JsonDocument.Parse(config.ToJson());
        foreach (var property in document.RootElement.EnumerateObject()) yield return [property.Name, property.Value.GetRawText()];
    }
}
