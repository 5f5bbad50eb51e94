using System.Globalization;
using System.Text.Json;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Training;

namespace Srcnn.Engine.Reports;

/// <summary>A run as a report shows it, read from its folder, so that a resumed run shows all of it.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Config">Its configuration.</param>
/// <param name="Log">Its log.</param>
/// <param name="Model">Its best model; null before the first validation.</param>
/// <param name="Samples">Pictures by bicubic and by the model, of equal size; may be empty.</param>
public sealed record ReportedRun(
    string Name, TrainingConfig Config, IReadOnlyList<LogEntry> Log, ModelFile? Model, IReadOnlyList<(string Name, Image Bicubic, Image Model)> Samples)
{
    /// <summary>The best validation PSNR in dB; −∞ before the first.</summary>
    public double BestPsnr => Log.Max(e => e.Psnr) ?? double.NegativeInfinity;

    /// <summary>The same pictures by bicubic.</summary>
    public double? Bicubic => Log.LastOrDefault(e => e.Bicubic is not null)?.Bicubic;

    /// <summary>Seconds of all processes that worked on the run.</summary>
    public double Seconds => Log.Zip(Log.Skip(1), (a, b) => b.Elapsed < a.Elapsed ? a.Elapsed : 0).Sum() + (Log.Count > 0 ? Log[^1].Elapsed : 0);

    /// <summary>Values of the log over the steps.</summary>
    internal Curve Curve(Func<LogEntry, double?> value) => new(Name, [.. Log.Where(e => value(e) is not null).Select(e => ((double)e.Step, value(e)!.Value))]);
}

/// <summary>The page of one run, or of several side by side.</summary>
public static class TrainingReport
{
    private static readonly string[] Columns = ["run", "steps", "samples", "loss", "PSNR in dB", "bicubic", "time", "machine"];

    /// <summary>Tables, curves, pictures, filters and configurations.</summary>
    public static HtmlPage Create(params IReadOnlyList<ReportedRun> runs)
    {
        var page = new HtmlPage(runs.Count == 1 ? $"{runs[0].Config.Network} ×{runs[0].Config.Scale}" : $"{runs.Count} runs");
        page.Table(Columns, [.. runs.Select(Summary)]).Text("PSNR on the validation pictures, protocol y: on 8-bit luma, borders shaved.");
        page.Heading("Curves");
        AddCurves(page, runs);
        foreach (var run in runs.Where(r => r.Samples.Count > 0))
        {
            page.Heading(runs.Count == 1 ? "Pictures" : $"Pictures by {run.Name}");
            foreach (var (name, bicubic, model) in run.Samples) page.Slider(($"{name}: bicubic", bicubic), (run.Name, model));
        }
        List<(string, Image)> filters = [.. runs.Where(r => r.Model is not null).Select(r => (r.Name, FilterSheet.Create(r.Model!))).Where(f => f.Item2 is not null).Select(f => (f.Name, f.Item2!))];
        if (filters.Count > 0)
            page.Heading("Filters of the first layer").Text("Strongest first; grey is zero. Long trainings show edges and textures, as the paper's Figure 5; short ones much of the noise they began with.").Pictures(filters);
        page.Heading("Configuration").Table(["key", .. runs.Select(r => r.Name)], [.. Keys(runs)]);
        return page;
    }

    /// <summary>PSNR, loss, learning rate and the layers' gradients.</summary>
    public static void AddCurves(HtmlPage page, IReadOnlyList<ReportedRun> runs)
    {
        page.Chart(new Chart("Validation PSNR in dB, protocol y", [.. runs.Select(r => r.Curve(e => e.Psnr))], Level: runs[0].Bicubic is { } bicubic ? ("bicubic", bicubic) : null));
        page.Chart(new Chart("Loss (mean squared error in [0, 1])", [.. runs.Select(r => r.Curve(e => e.Loss))], Logarithmic: true));
        if (runs.Any(r => r.Config.Schedule == Schedule.Range))
            page.Chart(new Chart("Loss over the learning rate", [.. runs.Select(r => new Curve(r.Name, [.. r.Log.Select(e => (e.Lr, e.Loss))]))], Logarithmic: true, Axis: "learning rate", LogarithmicX: true));
        page.Chart(new Chart("Learning rate", [.. runs.Select(r => r.Curve(e => e.Lr))], Logarithmic: true));
        if (runs is not [{ Log: [.., var last] } only]) return;
        page.Chart(new Chart("Gradient norm by layer", [.. last.Layers.Select(l => only.Curve(e => e.Layers.FirstOrDefault(o => o.Name == l.Name)?.GradientNorm) with { Name = l.Name })], Logarithmic: true));
        page.Text($"Dead filters at the end: {string.Join(", ", last.Layers.Select(l => $"{l.Name} {l.Dead}"))}.");
    }

    private static string[] Summary(ReportedRun run)
    {
        var (last, invariant) = (run.Log.Count > 0 ? run.Log[^1] : null, CultureInfo.InvariantCulture);
        return
        [
            run.Name, $"{last?.Step ?? 0} of {run.Config.Steps}", ((long)(last?.Step ?? 0) * run.Config.Batch).ToString(invariant), last?.Loss.ToString("0.000e+0", invariant) ?? "–",
            double.IsFinite(run.BestPsnr) ? run.BestPsnr.ToString("F2", invariant) : "–", run.Bicubic?.ToString("F2", invariant) ?? "–",
            TimeSpan.FromSeconds(run.Seconds).ToString(@"h\:mm\:ss", invariant), Machine(run.Model),
        ];
    }

    // As the training record of the model has it; models of other origin may have none.
    private static string Machine(ModelFile? model)
    {
        if (model?.Training is null) return "–";
        using var record = JsonDocument.Parse(model.Training);
        return record.RootElement.TryGetProperty("machine", out var machine) ? machine.GetString() ?? "–" : "–";
    }

    private static IEnumerable<IReadOnlyList<string>> Keys(IReadOnlyList<ReportedRun> runs)
    {
        var configs = runs.Select(r => JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(r.Config.ToJson())!).ToList();
        foreach (var key in configs[0].Keys) yield return [key, .. configs.Select(c => c[key].GetRawText())];
    }
}
