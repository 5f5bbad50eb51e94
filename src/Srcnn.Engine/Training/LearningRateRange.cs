namespace Srcnn.Engine.Training;

/// <summary>What a run along <see cref="Schedule.Range"/> says about learning rates.</summary>
public static class LearningRateRange
{
    /// <summary>Single losses are noisy: each log line counts a tenth of its running mean.</summary>
    private const double Smoothing = 0.1;

    /// <summary>A loss that has grown by this factor will not come back.</summary>
    private const double Lost = 2;

    /// <summary>The rate at which the loss, smoothed, had doubled from its lowest, or the last rate if it never did. Null without a log.</summary>
    public static double? Brink(IReadOnlyList<LogEntry> log)
    {
        if (log.Count == 0) return null;
        var (mean, lowest) = (log[0].Loss, log[0].Loss);
        foreach (var entry in log)
        {
            mean += Smoothing * (entry.Loss - mean);
            lowest = Math.Min(lowest, mean);
            if (mean > Lost * lowest) return entry.Lr;
        }
        return log[^1].Lr;
    }
}
