using System.Diagnostics;
using Srcnn.Engine.Diagnostics;

namespace Srcnn.Bench.Peers;

/// <summary>One engine's part in a contest.</summary>
/// <param name="Engine">"Srcnn" or the peer's name.</param>
/// <param name="Family">Engines of one family are one opponent.</param>
/// <param name="Time">Seconds over all rounds.</param>
/// <param name="Gigaflops">Operations of one run.</param>
/// <param name="Difference">Largest difference from Srcnn's numbers, as a share of the largest of them; null for Srcnn and for what computes something else.</param>
internal sealed record Score(string Engine, string Family, Timing Time, double Gigaflops, double? Difference)
{
    public bool IsPeer => Peer.All.Any(p => p.Family == Family);
}

/// <summary>Times of all engines for one piece of work.</summary>
internal sealed record ContestResult(string Work, string Network, IReadOnlyList<Score> Scores)
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
/// <param name="Flops">Operations of one run.</param>
/// <param name="Output">What is compared; null for what computes something else.</param>
internal sealed record Entrant(string Engine, string Family, double Flops, Action Run, Func<float[]>? Output);

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

    /// <param name="entrants">The first is Srcnn, whose results the others must equal.</param>
    /// <exception cref="DisagreementException">An engine computes something else.</exception>
    public ContestResult Run(string work, string network, IReadOnlyList<Entrant> entrants)
    {
        var differences = Compare(work, entrants);
        var times = entrants.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        for (var i = 0; i < entrants.Count; i++)
            times[i].AddRange(Turn(entrants[i].Run));
        var scores = entrants.Select((e, i) => new Score(e.Engine, e.Family, Timing.Of(times[i]), e.Flops / 1e9, differences[i])).ToList();
        foreach (var score in scores)
            log(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{work}: {score.Engine} {score.Time.Median * 1e3:F2} ms, {score.Gigaflops / score.Time.Median:F0} GFLOP/s"));
        return new ContestResult(work, network, scores);
    }

    private double?[] Compare(string work, IReadOnlyList<Entrant> entrants)
    {
        var differences = new double?[entrants.Count];
        float[] ours = [];
        foreach (var (i, entrant) in entrants.Index())
        {
            entrant.Run();
            if (entrant.Output?.Invoke() is not { } values) continue;
            if (i == 0) ours = values;
            else
            {
                if (values.Length != ours.Length) throw new DisagreementException($"{work}: {entrant.Engine} computed {values.Length} values; expected {ours.Length}");
                var largest = ours.Max(MathF.Abs);
                var difference = values.Zip(ours, (a, b) => (double)MathF.Abs(a - b)).Aggregate(0.0, Math.Max);
                log(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{work}: {entrant.Engine} differs by at most {difference:E1} of {largest:F3}"));
                // Written so that NaN and an all-zero result fail.
                if (!(difference <= Tolerance * largest) || largest == 0)
                    throw new DisagreementException($"{work}: {entrant.Engine} differs from Srcnn by {difference:E1} where the largest value is {largest:E1}; no time is believed");
                differences[i] = difference / largest;
            }
        }
        return differences;
    }

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
