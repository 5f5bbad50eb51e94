using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Diagnostics;

namespace Srcnn.Bench.Peers;

/// <summary>One engine's part in a contest.</summary>
/// <param name="Engine">"Srcnn" or the peer's name.</param>
/// <param name="Family">Engines of one family are one opponent.</param>
/// <param name="Time">Seconds of doing the work once, over all rounds.</param>
/// <param name="Gigaflops">Operations of doing the work once.</param>
/// <param name="Difference">Largest difference from Srcnn's numbers, as a share of the largest of them; null for Srcnn and for what computes something else.</param>
internal sealed record Score(string Engine, string Family, Timing Time, double Gigaflops, double? Difference)
{
    public bool IsPeer { get; init; }
}

/// <summary>Times of all engines for one piece of work.</summary>
/// <param name="Excluded">For each peer that computes something else, and therefore was not timed, a line that says so.</param>
internal sealed record ContestResult(string Work, string Network, IReadOnlyList<Score> Scores, IReadOnlyList<string> Excluded)
{
    public const string Us = "Srcnn";

    /// <summary>Without fast algorithms.</summary>
    public const string UsDirect = "Srcnn, direct";

    /// <summary>What FSRCNN was to replace: our larger SRCNN on the same picture, without fast algorithms and with them.</summary>
    public const string Predecessor = "our srcnn-9-5-5, direct", FastPredecessor = "our srcnn-9-5-5";

    /// <summary>Whichever engine of others is fastest.</summary>
    public const string BestPeer = "the best peer";

    public Score Ours => Scores.First(s => s.Engine == Us);

    /// <summary>How many times as fast as the best engine of a family, or <see cref="BestPeer"/>, we are; null where none of it ran.</summary>
    public double? Ratio(string opponent) =>
        Scores.Where(s => opponent == BestPeer ? s.IsPeer : s.Family == opponent).Select(s => (double?)(s.Time.Median / Ours.Time.Median)).Min();
}

/// <summary>An engine and what it has prepared.</summary>
/// <param name="Flops">Operations of doing the work once.</param>
/// <param name="Output">What is compared; null for what computes something else.</param>
internal sealed record Entrant(string Engine, string Family, double Flops, Action Run, Func<float[]>? Output)
{
    /// <summary>How often a run does the work; times are those of doing it once.</summary>
    public int Calls { get; init; } = 1;

    public bool IsPeer => Peer.All.Any(p => p.Family == Family);
}

/// <summary>Engines take turns, A B C A B C …, after their results have been compared.</summary>
internal sealed class Contest(int rounds, double turnSeconds, Action<string> log)
{
    /// <summary>Largest difference believed, as a share of the largest value.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Worker threads of some engines spin for a while after their work; the next one must not pay for it.</summary>
    /// <remarks>Intel's OpenMP lets them spin for 200 ms.</remarks>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>At the beginning of a turn caches, clocks and branch predictions are others'.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(50);

    /// <param name="entrants">The first is Srcnn, whose results the others must equal; a peer that computes something else is left out.</param>
    /// <exception cref="DisagreementException">Srcnn itself computes something else another way, or every peer does.</exception>
    public ContestResult Run(string work, string network, IReadOnlyList<Entrant> entrants)
    {
        List<(Entrant Entrant, double? Difference, List<double> Times)> able = [];
        List<string> excluded = [];
        float[] ours = [];
        foreach (var entrant in entrants)
        {
            entrant.Run();
            var values = entrant.Output?.Invoke();
            if (entrant == entrants[0]) ours = values ?? [];
            double? difference = values is null || entrant == entrants[0] ? null : Difference(values, ours);
            if (difference is { } d) log(string.Create(CultureInfo.InvariantCulture, $"{work}: {entrant.Engine} differs by at most {d:E1} of the largest value"));
            // Written so that NaN fails.
            if (difference is null or <= Tolerance)
            {
                able.Add((entrant, difference, []));
                continue;
            }
            excluded.Add(string.Create(CultureInfo.InvariantCulture, $"{entrant.Engine} differs from Srcnn by {difference:E1} of the largest value; its time is not believed"));
            log($"{work}: {excluded[^1]}");
            if (!entrant.IsPeer) throw new DisagreementException($"{work}: {excluded[^1]}");
        }
        // Where no peer agrees, the one that strays may be Srcnn.
        if (excluded.Count > 0 && !able.Exists(a => a.Entrant.IsPeer)) throw new DisagreementException($"{work}: no peer agrees with Srcnn; {excluded[0]}");
        for (var round = 0; round < rounds; round++)
        foreach (var (entrant, _, times) in able)
            times.AddRange(Turn(entrant.Run).Select(seconds => seconds / entrant.Calls));
        List<Score> scores = [.. able.Select(a => new Score(a.Entrant.Engine, a.Entrant.Family, Timing.Of(a.Times), a.Entrant.Flops / 1e9, a.Difference) { IsPeer = a.Entrant.IsPeer })];
        foreach (var score in scores)
            log(string.Create(CultureInfo.InvariantCulture, $"{work}: {score.Engine} {score.Time.Median * 1e3:F2} ms, {score.Gigaflops / score.Time.Median:F0} GFLOP/s"));
        return new ContestResult(work, network, scores, excluded);
    }

    /// <summary>The largest difference as a share of the largest of our values; NaN where a value is NaN, the counts differ or all of ours are zero.</summary>
    private static double Difference(float[] values, float[] ours) =>
        values.Length != ours.Length ? double.NaN : values.Zip(ours, (a, b) => (double)MathF.Abs(a - b)).Aggregate(0.0, Math.Max) / ours.Max(MathF.Abs);

    private List<double> Turn(Action run)
    {
        Thread.Sleep(Pause);
        var clock = Stopwatch.StartNew();
        double last;
        do last = Timing.Once(run); while (clock.Elapsed < WarmUp);
        var runs = (int)Math.Clamp(turnSeconds / last, 1, 50);
        return [.. Enumerable.Range(0, runs).Select(_ => Timing.Once(run))];
    }
}

/// <summary>Two engines computed different things, so their times say nothing.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
