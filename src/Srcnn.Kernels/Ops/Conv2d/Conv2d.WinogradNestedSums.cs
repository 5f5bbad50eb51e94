using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// The products of <see cref="WinogradNestedRowOp{V}"/> at a row of points, transformed into columns of outputs while they are in registers:
/// a sum has nine terms only, so storing and reading it again takes a third of the time of its multiplications. It needs 28 registers.
/// </summary>
internal static unsafe class WinogradNestedSums<V>
    where V : struct, ISimd<V>
{
    private const int Rows = 3, Terms = 3;

    /// <summary>Channels computed side by side.</summary>
    private static int Width => 2 * V.Width;

    /// <summary>Whether there are registers for it, and channels to fill them.</summary>
    public static bool Suits(int channels) => V.Width == 16 && channels % Width == 0;

    /// <summary>
    /// half[q, tile, k] = Σ_j Aᵀ[q, j]·Σ_row Σ_t a[row][j, Outputs·tile + Taps·t]·b[row][j, t, k], a and b from their offsets on. Points j lie a
    /// plane apart in a and b, columns q in half, whose planes have room for an even number of tiles.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float** a, nint aOffset, nint aPlane, float** b, nint bOffset, nint bPlane, nint channels, int tiles, float* half, nint halfPlane)
    {
        for (nint tile = 0; tile < tiles; tile += 2)
        for (nint k = 0; k < channels; k += Width)
        {
            Sums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
            for (var row = 0; row < Rows; row++)
            {
                float* low = a[row] + aOffset + (F43.Outputs * tile), high = low + (3 * aPlane), lowFilter = b[row] + bOffset + k, highFilter = lowFilter + (3 * bPlane);
                for (var term = 0; term < Terms; term++)
                {
                    s0.MultiplyAdd(low, lowFilter);
                    s1.MultiplyAdd(low + aPlane, lowFilter + bPlane);
                    s2.MultiplyAdd(low + (2 * aPlane), lowFilter + (2 * bPlane));
                    s3.MultiplyAdd(high, highFilter);
                    s4.MultiplyAdd(high + aPlane, highFilter + bPlane);
                    s5.MultiplyAdd(high + (2 * aPlane), highFilter + (2 * bPlane));
                    low += F43.Taps;
                    high += F43.Taps;
                    lowFilter += channels;
                    highFilter += channels;
                }
            }
            var to = half + (tile * channels) + k;
            Output(s0.FirstLow, s1.FirstLow, s2.FirstLow, s3.FirstLow, s4.FirstLow, s5.FirstLow, to, halfPlane);
            Output(s0.FirstHigh, s1.FirstHigh, s2.FirstHigh, s3.FirstHigh, s4.FirstHigh, s5.FirstHigh, to + V.Width, halfPlane);
            Output(s0.SecondLow, s1.SecondLow, s2.SecondLow, s3.SecondLow, s4.SecondLow, s5.SecondLow, to + channels, halfPlane);
            Output(s0.SecondHigh, s1.SecondHigh, s2.SecondHigh, s3.SecondHigh, s4.SecondHigh, s5.SecondHigh, to + channels + V.Width, halfPlane);
        }
    }

    /// <summary>The very sums of <see cref="WinogradPoints{TForm, V}.Output"/>, bit for bit, spelled out: behind its sources and sinks the JIT spills registers, and the whole takes twice as long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output(V m0, V m1, V m2, V m3, V m4, V m5, float* to, nint plane)
    {
        V p1 = V.Add(m1, m2), q1 = V.Subtract(m1, m2), p2 = V.Add(m3, m4), q2 = V.Subtract(m3, m4);
        V.Store(V.Add(V.Add(m0, p1), p2), to);
        V.Store(V.MultiplyAdd(V.Of(2), q2, q1), to + plane);
        V.Store(V.MultiplyAdd(V.Of(4), p2, p1), to + (2 * plane));
        V.Store(V.MultiplyAdd(V.Of(8), q2, V.Add(q1, m5)), to + (3 * plane));
    }

    /// <summary>Two neighbouring tiles by two vectors of channels, at one point.</summary>
    private struct Sums
    {
        public V FirstLow, FirstHigh, SecondLow, SecondHigh;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(float* a, float* b)
        {
            V low = V.Load(b), high = V.Load(b + V.Width), first = V.Broadcast(a), second = V.Broadcast(a + F43.Outputs);
            FirstLow = V.MultiplyAdd(low, first, FirstLow);
            FirstHigh = V.MultiplyAdd(high, first, FirstHigh);
            SecondLow = V.MultiplyAdd(low, second, SecondLow);
            SecondHigh = V.MultiplyAdd(high, second, SecondHigh);
        }
    }
}
