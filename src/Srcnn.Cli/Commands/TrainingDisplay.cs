using System.Globalization;
using Spectre.Console;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>Shows a run while it runs: a panel that redraws itself for a person, a line per report for everything else.</summary>
internal static class TrainingDisplay
{
    private const string Bars = "▁▂▃▄▅▆▇█";
    private const int SparkWidth = 48;

    /// <param name="session">Where to show it.</param>
    /// <param name="config">What is trained.</param>
    /// <param name="run">The run folder.</param>
    /// <param name="backend">What trains; the limit of a host is measured first.</param>
    /// <param name="train">Trains and reports.</param>
    public static TrainingResult Show(Session session, TrainingConfig config, string run, IBackend backend, Func<IProgress<TrainingProgress>, TrainingResult> train)
    {
        if (!session.Terminal.IsLive) return train(new Reporter(p => session.Log(Line(p, config.Batch))));
        var console = session.Terminal.LiveConsole();
        var limit = backend is HostBackend ? FmaPeak.Measure(backend.Workers, secondsEach: 0.02) : 0;
        List<TrainingProgress> history = [];
        TrainingResult? result = null;
        console.Live(new Text($"loading pictures for {config.Network} ×{config.Scale} …")).Start(live =>
            result = train(new Reporter(p =>
            {
                history.Add(p);
                live.UpdateTarget(Panel(config, run, limit, history));
            })));
        return result!;
    }

    /// <summary>One report as one line.</summary>
    public static string Line(TrainingProgress p, int batch) => string.Create(CultureInfo.InvariantCulture,
        $"step {p.Step}/{p.Steps}  loss {p.Loss:0.000e+0}  {(p.Psnr is { } psnr ? $"PSNR {psnr:F2} dB (bicubic {p.BicubicPsnr:F2})  " : "")}lr {p.LearningRate:0.0e+0}  {p.SamplesPerSecond:F0} samples/s  ETA {Left(p, batch)}");

    private static Panel Panel(TrainingConfig config, string run, double limit, List<TrainingProgress> history)
    {
        var last = history[^1];
        var psnr = history.LastOrDefault(p => p.Psnr is not null);
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Row(string name, string text) => grid.AddRow(new Text(name), new Text(text));
        Row("step", string.Create(CultureInfo.InvariantCulture, $"{last.Step} of {last.Steps} ({100.0 * last.Step / last.Steps:F0} %), epoch {last.Epoch:F1}"));
        Row("loss", string.Create(CultureInfo.InvariantCulture, $"{last.Loss:0.000e+0}  {Spark([.. history.Select(p => Math.Log(p.Loss))])}"));
        Row("PSNR", psnr is null
            ? string.Create(CultureInfo.InvariantCulture, $"not yet measured; bicubic {last.BicubicPsnr:F2} dB")
            : string.Create(CultureInfo.InvariantCulture, $"{psnr.Psnr:F2} dB  {Spark([.. history.Where(p => p.Psnr is not null).Select(p => p.Psnr!.Value)])}"));
        if (psnr is not null) Row("gain", string.Create(CultureInfo.InvariantCulture, $"{psnr.Psnr - psnr.BicubicPsnr:+0.00;-0.00} dB over bicubic's {psnr.BicubicPsnr:F2} dB{Paper(config)}"));
        Row("rate", last.LearningRate.ToString("0.0e+0", CultureInfo.InvariantCulture));
        Row("speed", string.Create(CultureInfo.InvariantCulture, $"{last.SamplesPerSecond:F0} samples/s, {last.Flops / 1e9:F0} GFLOP/s{(limit > 0 ? $", {last.Flops / 1e9 / limit:P0} of the processor's limit" : "")}"));
        Row("left", Left(last, config.Batch));
        return new Panel(grid) { Header = new PanelHeader(Markup.Escape($" {config.Network} ×{config.Scale} in {run} ")), Border = BoxBorder.Rounded };
    }

    private static string Paper(TrainingConfig config) => PublishedFigures.Gain(config.Network, config.Scale) is { } gain
        ? string.Create(CultureInfo.InvariantCulture, $"; the paper gains {gain:F2} dB on Set5")
        : "";

    /// <summary>Time left at the speed of the last interval: Elapsed would mislead after a resume.</summary>
    private static string Left(TrainingProgress p, int batch) => p.SamplesPerSecond > 0
        ? TimeSpan.FromSeconds((double)(p.Steps - p.Step) * batch / p.SamplesPerSecond).ToString(@"h\:mm\:ss", CultureInfo.InvariantCulture)
        : "unknown";

    private static string Spark(double[] values)
    {
        if (values.Length < 2) return "";
        var shown = values.Length <= SparkWidth ? values : [.. Enumerable.Range(0, SparkWidth).Select(i => values[i * (values.Length - 1) / (SparkWidth - 1)])];
        var (low, high) = (shown.Min(), shown.Max());
        return string.Concat(shown.Select(v => Bars[high > low ? (int)((v - low) / (high - low) * (Bars.Length - 1)) : 0]));
    }

    private sealed class Reporter(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
