using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>F(4, 3) at the points 0, ±1, ±2, ∞.</summary>
internal readonly unsafe struct WinogradF3 : IWinogradForm
{
    private static readonly double[,] G =
    {
        { 1 / 4.0, 0, 0 },
        { -1 / 6.0, -1 / 6.0, -1 / 6.0 },
        { -1 / 6.0, 1 / 6.0, -1 / 6.0 },
        { 1 / 24.0, 1 / 12.0, 1 / 6.0 },
        { 1 / 24.0, -1 / 12.0, 1 / 6.0 },
        { 0, 0, 1 },
    };

    public static int Taps => 3;

    public static int Size => 6;

    public static double Filter(int i, int tap) => G[i, tap];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V d0 = source[0], d1 = source[1], d2 = source[2], d3 = source[3], d4 = source[4], d5 = source[5];
        V four = V.Of(4), minusFour = V.Of(-4), minusFive = V.Of(-5);
        V.Store(V.MultiplyAdd(four, d0, V.MultiplyAdd(minusFive, d2, d4)), destination);
        V.Store(V.MultiplyAdd(four, d1, V.MultiplyAdd(minusFive, d3, d5)), destination + (5 * step));
        V even = V.MultiplyAdd(minusFour, d2, d4), odd = V.MultiplyAdd(minusFour, d1, d3);
        V.Store(V.Add(even, odd), destination + step);
        V.Store(V.Subtract(even, odd), destination + (2 * step));
        even = V.Subtract(d4, d2);
        odd = V.Subtract(d3, d1);
        odd = V.Add(odd, odd);
        V.Store(V.Add(even, odd), destination + (3 * step));
        V.Store(V.Subtract(even, odd), destination + (4 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<V, TSource>(TSource source, out V y0, out V y1, out V y2, out V y3)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V m1 = source[1], m2 = source[2], m3 = source[3], m4 = source[4];
        V p1 = V.Add(m1, m2), q1 = V.Subtract(m1, m2), p2 = V.Add(m3, m4), q2 = V.Subtract(m3, m4);
        y0 = V.Add(V.Add(source[0], p1), p2);
        y1 = V.MultiplyAdd(V.Of(2), q2, q1);
        y2 = V.MultiplyAdd(V.Of(4), p2, p1);
        y3 = V.MultiplyAdd(V.Of(8), q2, V.Add(q1, source[5]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V g0 = source[0], g1 = source[1], g2 = source[2];
        V.Store(V.Multiply(V.Of(1 / 4f), g0), destination);
        V scale = V.Of(-1 / 6f), even = V.Multiply(scale, V.Add(g0, g2)), odd = V.Multiply(scale, g1);
        V.Store(V.Add(even, odd), destination + step);
        V.Store(V.Subtract(even, odd), destination + (2 * step));
        even = V.MultiplyAdd(V.Of(1 / 24f), g0, V.Multiply(V.Of(1 / 6f), g2));
        odd = V.Multiply(V.Of(1 / 12f), g1);
        V.Store(V.Add(even, odd), destination + (3 * step));
        V.Store(V.Subtract(even, odd), destination + (4 * step));
        V.Store(g2, destination + (5 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FilterGrad<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V m1 = source[1], m2 = source[2], m3 = source[3], m4 = source[4], scale1 = V.Of(-1 / 6f), scale2 = V.Of(1 / 24f);
        V p1 = V.Multiply(scale1, V.Add(m1, m2)), q1 = V.Multiply(scale1, V.Subtract(m1, m2));
        V p2 = V.Multiply(scale2, V.Add(m3, m4)), q2 = V.Multiply(scale2, V.Subtract(m3, m4));
        V.Store(V.MultiplyAdd(V.Of(1 / 4f), source[0], V.Add(p1, p2)), destination);
        V.Store(V.MultiplyAdd(V.Of(2), q2, q1), destination + step);
        V.Store(V.MultiplyAdd(V.Of(4), p2, V.Add(p1, source[5])), destination + (2 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGrad<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V y0 = source[0], y1 = source[1], y2 = source[2], y3 = source[3];
        V.Store(y0, destination);
        V even = V.Add(y0, y2), odd = V.Add(y1, y3);
        V.Store(V.Add(even, odd), destination + step);
        V.Store(V.Subtract(even, odd), destination + (2 * step));
        even = V.MultiplyAdd(V.Of(4), y2, y0);
        odd = V.MultiplyAdd(V.Of(8), y3, V.Add(y1, y1));
        V.Store(V.Add(even, odd), destination + (3 * step));
        V.Store(V.Subtract(even, odd), destination + (4 * step));
        V.Store(y3, destination + (5 * step));
    }
}
