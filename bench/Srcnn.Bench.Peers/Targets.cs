using System.Globalization;

namespace Srcnn.Bench.Peers;

/// <summary>One promise and what came of it.</summary>
/// <param name="Text">What is compared.</param>
/// <param name="AtLeast">The least that was promised.</param>
/// <param name="Aim">What was hoped for; null where nothing more was.</param>
/// <param name="Measured">Null where it could not be measured.</param>
/// <param name="Unit">"×", "%" or "MiB"; for MiB less is better.</param>
internal sealed record Target(string Text, double AtLeast, double? Aim, double? Measured, string Unit)
{
    private bool LessIsBetter => Unit == "MiB";

    public string Verdict => Measured is not { } value ? "not measured"
        : Met(value, AtLeast) ? Aim is { } aim && Met(value, aim) ? "met, aim too" : "met"
        : string.Create(CultureInfo.InvariantCulture, $"**missed** by {Math.Abs((value - AtLeast) / AtLeast):P0}");

    public string Format(double? value) => value is { } v ? string.Create(CultureInfo.InvariantCulture, $"{(v < 20 && Unit == "×" ? v.ToString("F1", CultureInfo.InvariantCulture) : v.ToString("F0", CultureInfo.InvariantCulture))} {Unit}") : "";

    private bool Met(double value, double limit) => LessIsBetter ? value <= limit : value >= limit;

    /// <summary>What the project set itself for a device that is a processor behind OpenCL.</summary>
    public static IEnumerable<Target> OfDevice(Results results, string device)
    {
        foreach (var result in results.Layers)
        {
            var least = result.Work switch { { } w when w.StartsWith("5×5", StringComparison.Ordinal) => 40, "9×9 1→64 forward" => 33, _ => 27 };
            yield return new($"{result.Work}, share of the FMA peak", least, 60, result.Scores.Where(s => s.Engine == device).Select(s => (double?)(100 * s.Gigaflops / s.Time.Median / results.Peak)).First(), "%");
        }
        foreach (var result in results.Training)
        {
            var theirs = result.Scores.Where(s => s.Family == "libtorch").Select(s => (double?)s.Time.Median).Min();
            yield return new($"step of {result.Work}, {device} against libtorch", 1, null, theirs / result.Scores.First(s => s.Engine == device).Time.Median, "×");
        }
    }

    /// <summary>What the project set itself for the host backend, as ratios of medians, two threads, zero padding.</summary>
    public static IEnumerable<Target> Of(Results results)
    {
        const string onnx = "ONNX Runtime", torch = "libtorch", openCv = "OpenCV dnn";
        foreach (var result in results.Inference)
        {
            (string Opponent, double AtLeast, double Aim)[] rows = result.Network switch
            {
                "srcnn-9-1-5" => [(onnx, 4, 5.5), (torch, 10, 14), (openCv, 9, 12)],
                "srcnn-9-5-5" => [(onnx, 3, 5), (torch, 4.5, 7)],
                "fsrcnn" => [(ContestResult.BestPeer, 3, 5), (ContestResult.Predecessor, 20, 40)],
                "vdsr" => [(onnx, 1.5, 2.2)],
                { } name when name.StartsWith("compact", StringComparison.Ordinal) => [(onnx, 3, 4), (openCv, 3, 4)],
                _ => [],
            };
            foreach (var (opponent, least, aim) in rows) yield return new($"{result.Work}, against {opponent}", least, aim, result.Ratio(opponent), "×");
        }
        foreach (var result in results.Training)
        {
            (double AtLeast, double Aim)? limits = result.Network switch { "srcnn-9-1-5" => (5, 7), "srcnn-9-5-5" => (1.6, 3), "vdsr" => (1.3, 2), _ => null };
            if (limits is { } limit) yield return new($"step of {result.Work}, against {torch}", limit.AtLeast, limit.Aim, result.Ratio(torch), "×");
            if (result.Network == "srcnn-9-1-5") yield return new($"step of {result.Work}, share of the FMA peak", 75, 90, 100 * result.Ours.Gigaflops / result.Ours.Time.Median / results.Peak, "%");
        }
        foreach (var theirs in results.Memory.Where(m => m.Engine == onnx))
        {
            var ours = results.Memory.FirstOrDefault(m => m.Engine == ContestResult.Us && m.Network == theirs.Network);
            yield return new($"{theirs.Network}, {theirs.Picture}: peak memory of {onnx} as a multiple of ours", 20, null, theirs.Megabytes / ours?.Megabytes, "×");
        }
        if (results.Large is { } large) yield return new($"{large.Work}: peak memory", 1024, 300, large.Megabytes, "MiB");
    }
}
