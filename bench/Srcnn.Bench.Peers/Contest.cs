using Srcnn.Engine.Diagnostics;

namespace Srcnn.Bench.Peers;

/// <summary>One engine's part in a contest.</summary>
/// <param name="Engine">"Srcnn" or the peer's name.</param>
/// <param name="Family">Engines of one family are one opponent.</param>
/// <param name="Time">Seconds over all rounds.</param>
/// <param name="Difference">Largest difference from Srcnn's numbers, as a share of the largest of them; null for Srcnn.</param>
internal sealed record Score(string Engine, string Family, Timing Time, double? Difference);

/// <summary>Times of all engines for one piece of work.</summary>
internal sealed record ContestResult(string Work, string Network, double Gigaflops, IReadOnlyList<Score> Scores)
{
    public const string Us = "Srcnn";

    /// <summary>Without fast algorithms.</summary>
    public const string UsDirect = "Srcnn, direct";

    public Score Ours => Scores.First(s => s.Engine == Us);

    /// <summary>How many times as fast as the best engine of a family we are; null where none of it ran.</summary>
    public double? Ratio(string family) =>
        Scores.Where(s => s.Family == family).Select(s => (double?)(s.Time.Median / Ours.Time.Median)).Min();
}

/// <summary>An engine and what it has prepared.</summary>
internal sealed record Entrant(string Engine, string Family, Action Run, Func<float[]> Output);

/// <summary>Engines take turns, A B C A B C …, after their results have been compared.</summary>
internal sealed class Contest(int rounds, double turnSeconds, Action<string> log)
{
    /// <summary>Largest difference believed, as a share of the largest value.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Worker threads of some engines spin for a while after their work; the next one must not pay for it.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    /// <param name="entrants">The first is Srcnn, whose results the others must equal.</param>
    /// <exception cref="DisagreementException">An engine computes something else.</exception>
    public ContestResult Run(string work, string network, double flops, IReadOnlyList<Entrant> entrants)
    {
        var differences = Compare(work, entrants);
        var times = entrants.Select(_ => new List<double>()).ToArray();
        for (var round = 0; round < rounds; round++)
        for (var i = 0; i < entrants.Count; i++)
            times[i].AddRange(Turn(entrants[i].Run));
        var scores = entrants.Select((e, i) => new Score(e.Engine, e.Family, Timing.Of(times[i]), differences[i])).ToList();
        foreach (var score in scores)
            log(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{work}: {score.Engine} {score.Time.Median * 1e3:F2} ms, {flops / score.Time.Median / 1e9:F0} GFLOP/s"));
        return new ContestResult(work, network, flops / 1e9, scores);
    }

    private double?[] Compare(string work, IReadOnlyList<Entrant> entrants)
    {
        var differences = new double?[entrants.Count];
        float[] ours = [];
        foreach (var (i, entrant) in entrants.Index())
        {
            entrant.Run();
            var values = entrant.Output();
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
        var first = Timing.Once(run); // caches and clocks belong to someone else
        var runs = (int)Math.Clamp(turnSeconds / first, 1, 50);
        return [.. Enumerable.Range(0, runs).Select(_ => Timing.Once(run))];
    }
}

/// <summary>Two engines computed different things, so their times say nothing.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
