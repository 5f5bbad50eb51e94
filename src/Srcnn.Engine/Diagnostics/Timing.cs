using System.Diagnostics;

namespace Srcnn.Engine.Diagnostics;

/// <summary>Seconds of repeated runs. The median is what one may expect, the spread says how far to trust it.</summary>
public sealed record Timing(double Median, double Min, double Max, int Runs)
{
    private const int LeastRuns = 3;

    /// <summary>Of measured seconds, at least one.</summary>
    public static Timing Of(IEnumerable<double> seconds)
    {
        var sorted = seconds.Order().ToArray();
        var middle = sorted.Length / 2;
        return new(sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2, sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>Of one of <paramref name="calls"/> that a run made in a row.</summary>
    public Timing PerCall(int calls) => this with { Median = Median / calls, Min = Min / calls, Max = Max / calls };

    /// <summary>Warms up for a third of <paramref name="budget"/> (at least once), then runs until it is spent, at least three times.</summary>
    public static Timing Measure(Action run, TimeSpan budget, CancellationToken stop = default)
    {
        var total = Stopwatch.StartNew();
        do
        {
            stop.ThrowIfCancellationRequested();
            run();
        }
        while (total.Elapsed < budget / 3);
        List<double> seconds = [];
        while (seconds.Count < LeastRuns || total.Elapsed < budget)
        {
            stop.ThrowIfCancellationRequested();
            seconds.Add(Once(run));
        }
        return Of(seconds);
    }

    /// <summary>Seconds of one run.</summary>
    public static double Once(Action run)
    {
        var start = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
