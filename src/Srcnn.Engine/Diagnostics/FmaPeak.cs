using System.Diagnostics;
using System.Runtime.CompilerServices;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>The processor's limit: fused multiply–adds on float32 vectors that never leave the registers, two operations each.</summary>
public static class FmaPeak
{
    /// <summary>Operations of one lane in one pass of <see cref="Spin{T}"/>: twelve multiply–adds.</summary>
    private const int OpsPerLane = 24;

    private const int Passes = 1 << 16, Repeats = 5;

    private static float sink;

    /// <summary>GFLOP/s of <paramref name="threads"/> threads together: the best of several short measurements, since other programs only ever slow one down.</summary>
    public static double Measure(int threads, double secondsEach = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        return Enumerable.Range(0, Repeats).Max(_ => Simd.Width switch
        {
            16 => Once<Simd512>(threads, secondsEach),
            8 => Once<Simd256>(threads, secondsEach),
            _ => Once<Simd128>(threads, secondsEach),
        });
    }

    private static double Once<T>(int threads, double seconds)
        where T : struct, ISimd<T>
    {
        var rates = new double[threads];
        using var start = new Barrier(threads);
        var workers = Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            var clock = Stopwatch.StartNew();
            var passes = 0L;
            while (clock.Elapsed.TotalSeconds < seconds)
            {
                sink += Spin<T>(Passes);
                passes += Passes;
            }
            rates[index] = passes * (double)OpsPerLane * T.Width / clock.Elapsed.TotalSeconds / 1e9;
        })).ToList();
        workers.ForEach(w => w.Start());
        workers.ForEach(w => w.Join());
        return rates.Sum();
    }

    // Twelve chains: two multiply–add units with a latency of four or five cycles need eight to ten. The values tend to 1, never to a denormal.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static unsafe float Spin<T>(int passes)
        where T : struct, ISimd<T>
    {
        float slope = 0.999f, offset = 0.001f;
        T m = T.Broadcast(&slope), b = T.Broadcast(&offset);
        T a0 = b, a1 = b, a2 = b, a3 = b, a4 = b, a5 = b, a6 = b, a7 = b, a8 = b, a9 = b, a10 = b, a11 = b;
        for (var i = 0; i < passes; i++)
        {
            a0 = T.MultiplyAdd(a0, m, b);
            a1 = T.MultiplyAdd(a1, m, b);
            a2 = T.MultiplyAdd(a2, m, b);
            a3 = T.MultiplyAdd(a3, m, b);
            a4 = T.MultiplyAdd(a4, m, b);
            a5 = T.MultiplyAdd(a5, m, b);
            a6 = T.MultiplyAdd(a6, m, b);
            a7 = T.MultiplyAdd(a7, m, b);
            a8 = T.MultiplyAdd(a8, m, b);
            a9 = T.MultiplyAdd(a9, m, b);
            a10 = T.MultiplyAdd(a10, m, b);
            a11 = T.MultiplyAdd(a11, m, b);
        }
        var sum = T.Add(T.Add(T.Add(a0, a1), T.Add(a2, a3)), T.Add(T.Add(a4, a5), T.Add(a6, a7)));
        return T.Fold(T.Add(sum, T.Add(T.Add(a8, a9), T.Add(a10, a11))))[0];
    }
}
