using System.Globalization;
using System.Text;

namespace Srcnn.Bench.Peers;

/// <summary>Writes the page of one machine. Beside it NAME.notes.md, written by hand, is taken in: what was tried where a target is missed.</summary>
internal sealed class ResultsPage(Results results)
{
    private readonly StringBuilder text = new();

    /// <summary>Returns the path.</summary>
    public string Write()
    {
        var options = results.Options;
        Header();
        if (results.Layers.Count > 0) Contests("Layers", "Each op on a batch of 128 training patches, as it is in a step: calls follow one another without a wait between them, so many that they make 1.5 GFLOP (16 at most), and the times are those of one. "
            + $"To launch the device's smallest kernel and wait for it takes {F2(results.LaunchAndWait!.Median * 1e3)} ms ({F2(results.LaunchAndWait.Min * 1e3)} to {F2(results.LaunchAndWait.Max * 1e3)}).", results.Layers);
        if (results.Inference.Count > 0) Contests("Inference", "One picture, batch 1, zero padding. Zero-padded because the peers know nothing else.", results.Inference);
        Contests("Training step", "Forward, loss, backward and update on a batch of patches; Srcnn also cuts the patches within the step. Compared are the gradients of the first step.", results.Training);
        if (results.Memory.Count > 0) MemoryTable();
        TargetTable();
        Layers();
        Directory.CreateDirectory(options.Output);
        var name = Path.Combine(options.Output, results.Machine.Slug + (results.Device is { } device ? $"-{device.Name.Split(':')[0]}" : "") + (options.Quick ? "-quick" : ""));
        if (File.Exists($"{name}.notes.md")) Line($"## Notes\n\n{File.ReadAllText($"{name}.notes.md").Trim()}");
        File.WriteAllText($"{name}.md", text.ToString().TrimEnd() + "\n");
        return $"{name}.md";
    }

    private void Header()
    {
        var (machine, options) = (results.Machine, results.Options);
        Line($"# {machine.Cpu}, {machine.Cores} cores\n");
        if (options.Quick) Line("**A run with `--quick`: sizes are tiny and the times mean nothing.**\n");
        Row("", "");
        Row("---", "---");
        Row("processor", $"{machine.Cpu}, {machine.Cores} cores");
        if (results.Device is { } device) Row("device", $"{device.Name}, {device.Description}{(device is Srcnn.Kernels.IlgpuBackend { Choices.Count: 0 } ? ", kernels by rule" : "")}");
        Row("vectors", $"{machine.VectorBits} bits");
        Row("system", machine.System);
        Row("runtime", machine.Runtime);
        Row("commit", options.Commit);
        Row("date", DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Row("command", $"`{options.Command}`");
        Row("threads", $"{options.Threads} for every engine");
        Row("FMA peak", $"{F0(results.Peak)} GFLOP/s on {options.Threads} threads (before the runs {F0(results.PeakBefore)}, after {F0(results.PeakAfter)})");
        foreach (var m in results.Memory.Where(m => m.Error is not null).DistinctBy(m => m.Engine)) Row($"**{m.Engine}**", $"did not run and is missing below: {m.Error}");
        Line("");
        Line("The same weights and the same numbers for every engine; results are compared before a time is believed, and an engine that computes something else (by more than 10⁻⁴ of the largest value) is left out and named below the table. Engines take turns in one process (A B C A B C …), "
            + $"{(options.Quick ? 1 : options.Rounds)} rounds; \"ms\" is the median of all runs, \"least\" and \"most\" their extremes. GFLOP/s count the direct convolution, a multiply–add as two, so a fast algorithm may pass "
            + "100 % of the peak. \"Ours\" is how many times as fast Srcnn is, in brackets by the least times. \"Difference\" is the largest difference from Srcnn's numbers as a share of the largest of them.\n");
    }

    private void Contests(string title, string what, IReadOnlyList<ContestResult> contests)
    {
        Line($"## {title}\n\n{what}\n");
        Row("work", "engine", "ms", "least", "most", "GFLOP/s", "of FMA peak", "ours", "difference");
        Row("---", "---", "--:", "--:", "--:", "--:", "--:", "--:", "--:");
        foreach (var contest in contests)
        foreach (var score in contest.Scores)
        {
            var rate = score.Gigaflops / score.Time.Median;
            var isOurs = score == contest.Ours;
            Row(contest.Work, isOurs ? $"**{score.Engine}**" : score.Engine, F2(score.Time.Median * 1e3), F2(score.Time.Min * 1e3), F2(score.Time.Max * 1e3), F0(rate),
                $"{F0(100 * rate / results.Peak)} %", isOurs ? "" : $"{F1(score.Time.Median / contest.Ours.Time.Median)}× ({F1(score.Time.Min / contest.Ours.Time.Min)}×)", score.Difference?.ToString("0.0e+0", CultureInfo.InvariantCulture) ?? "");
        }
        Line("");
        foreach (var contest in contests)
            Line($"- {contest.Work}: {F2(contest.Ours.Gigaflops)} GFLOP; at the peak the direct convolution takes {F2(contest.Ours.Gigaflops / results.Peak * 1e3)} ms.{string.Concat(contest.Excluded.Select(e => $" **Left out:** {e}."))}");
        Line("");
    }

    private void MemoryTable()
    {
        Line("## Peak memory\n\nLargest resident set of a process that runs one engine twice on one picture.\n");
        Row("network", "picture", "engine", "MiB", "times ours");
        Row("---", "---", "---", "--:", "--:");
        foreach (var m in results.Memory)
        {
            var ours = results.Memory.FirstOrDefault(o => o.Engine == ContestResult.Us && o.Network == m.Network)?.Megabytes;
            Row(m.Engine == Peers.Memory.Nothing ? "none" : m.Network, m.Picture, m.Engine, m.Megabytes is { } mib ? F0(mib) : "did not run", m.Megabytes / ours is { } ratio ? F1(ratio) : "");
        }
        Line("");
        if (results.Large is not { } large) return;
        Line(large.Error is null ? $"{large.Work}: {F0(large.Megabytes!.Value)} MiB, {F1(large.Seconds!.Value)} s.\n" : $"{large.Work}: **not completed**, {large.Error}\n");
    }

    private void TargetTable()
    {
        Line("## Targets\n");
        Row("target", "at least", "aim", "measured", "");
        Row("---", "--:", "--:", "--:", "---");
        foreach (var t in results.Device is { } device ? Target.OfDevice(results, device.Name) : Target.Of(results)) Row(t.Text, (t.Unit == "MiB" ? "≤ " : "") + t.Format(t.AtLeast), t.Format(t.Aim), t.Format(t.Measured), t.Verdict);
        Line("");
    }

    /// <summary>BenchmarkDotNet's tables, without what it says about the machine.</summary>
    private void Layers()
    {
        if (results.Options.Layers is not { } folder || !Directory.Exists(folder)) return;
        Line("## Layers, networks and steps on each device\n\nBy BenchmarkDotNet (`bench/Srcnn.Bench`), replicate padding in networks; the layers' work is a batch of 128 training patches.\n");
        foreach (var file in Directory.GetFiles(folder, "*-report-github.md", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file).Where(l => l.StartsWith('|'))) Line(line.Replace("**", "", StringComparison.Ordinal).TrimEnd());
            Line("");
        }
    }

    private void Row(params ReadOnlySpan<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    private void Line(string line) => text.Append(line).Append('\n');

    private static string F0(double value) => value.ToString("F0", CultureInfo.InvariantCulture);

    private static string F1(double value) => value.ToString("F1", CultureInfo.InvariantCulture);

    private static string F2(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
