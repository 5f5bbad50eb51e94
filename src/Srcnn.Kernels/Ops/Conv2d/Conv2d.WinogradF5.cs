using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>F(4, 5) at the points 0, ±1, ±2, ±½, ∞.</summary>
internal readonly unsafe struct WinogradF5 : IWinogradForm
{
    private static readonly double[] Points = [0, 1, -1, 2, -2, 0.5, -0.5];
    private static readonly double[] Scales = [1, -2 / 9.0, -2 / 9.0, 1 / 90.0, 1 / 90.0, 32 / 45.0, 32 / 45.0];

    public static int Taps => 5;

    public static int Size => 8;

    public static double Filter(int i, int tap) => i == 7 ? (tap == 4 ? 1 : 0) : Scales[i] * Math.Pow(Points[i], tap);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V d0 = source[0], d1 = source[1], d2 = source[2], d3 = source[3], d4 = source[4], d5 = source[5], d6 = source[6], d7 = source[7];
        V c = V.Of(5.25f);
        V.Store(V.MultiplyAdd(c, V.Subtract(d4, d2), V.Subtract(d0, d6)), destination);
        V.Store(V.MultiplyAdd(c, V.Subtract(d3, d5), V.Subtract(d7, d1)), destination + (7 * step));
        c = V.Of(-4.25f);
        V even = V.MultiplyAdd(c, d4, V.Add(d2, d6)), odd = V.MultiplyAdd(c, d3, V.Add(d1, d5));
        V.Store(V.Add(even, odd), destination + step);
        V.Store(V.Subtract(even, odd), destination + (2 * step));
        c = V.MultiplyAdd(V.Of(-2.5f), d3, default);
        even = V.MultiplyAdd(V.Of(0.25f), d2, V.MultiplyAdd(V.Of(-1.25f), d4, d6));
        odd = V.MultiplyAdd(V.Of(0.5f), d1, V.MultiplyAdd(V.Of(2), d5, c));
        V.Store(V.Add(even, odd), destination + (3 * step));
        V.Store(V.Subtract(even, odd), destination + (4 * step));
        even = V.MultiplyAdd(V.Of(4), d2, V.MultiplyAdd(V.Of(-5), d4, d6));
        odd = V.MultiplyAdd(V.Of(0.5f), d5, V.MultiplyAdd(V.Of(2), d1, c));
        V.Store(V.Add(even, odd), destination + (5 * step));
        V.Store(V.Subtract(even, odd), destination + (6 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<V, TSource>(TSource source, out V y0, out V y1, out V y2, out V y3)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V m1 = source[1], m2 = source[2], m3 = source[3], m4 = source[4], m5 = source[5], m6 = source[6];
        V p1 = V.Add(m1, m2), q1 = V.Subtract(m1, m2), p2 = V.Add(m3, m4), q2 = V.Subtract(m3, m4), p3 = V.Add(m5, m6), q3 = V.Subtract(m5, m6);
        y0 = V.Add(V.Add(source[0], p1), V.Add(p2, p3));
        y1 = V.MultiplyAdd(V.Of(2), q2, V.MultiplyAdd(V.Of(0.5f), q3, q1));
        y2 = V.MultiplyAdd(V.Of(4), p2, V.MultiplyAdd(V.Of(0.25f), p3, p1));
        y3 = V.MultiplyAdd(V.Of(8), q2, V.MultiplyAdd(V.Of(0.125f), q3, V.Add(q1, source[7])));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V g0 = source[0], g1 = source[1], g2 = source[2], g3 = source[3], g4 = source[4];
        V.Store(g0, destination);
        V scale = V.Of(-2 / 9f), even = V.Multiply(scale, V.Add(V.Add(g0, g4), g2)), odd = V.Multiply(scale, V.Add(g1, g3));
        V.Store(V.Add(even, odd), destination + step);
        V.Store(V.Subtract(even, odd), destination + (2 * step));
        even = V.MultiplyAdd(V.Of(1 / 90f), g0, V.MultiplyAdd(V.Of(4 / 90f), g2, V.Multiply(V.Of(16 / 90f), g4)));
        odd = V.MultiplyAdd(V.Of(2 / 90f), g1, V.Multiply(V.Of(8 / 90f), g3));
        V.Store(V.Add(even, odd), destination + (3 * step));
        V.Store(V.Subtract(even, odd), destination + (4 * step));
        even = V.MultiplyAdd(V.Of(32 / 45f), g0, V.MultiplyAdd(V.Of(8 / 45f), g2, V.Multiply(V.Of(2 / 45f), g4)));
        odd = V.MultiplyAdd(V.Of(16 / 45f), g1, V.Multiply(V.Of(4 / 45f), g3));
        V.Store(V.Add(even, odd), destination + (5 * step));
        V.Store(V.Subtract(even, odd), destination + (6 * step));
        V.Store(g4, destination + (7 * step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FilterGrad<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>
    {
        V m1 = source[1], m2 = source[2], m3 = source[3], m4 = source[4], m5 = source[5], m6 = source[6];
        V scale1 = V.Of(-2 / 9f), scale2 = V.Of(1 / 90f), scale3 = V.Of(32 / 45f);
        V p1 = V.Multiply(scale1, V.Add(m1, m2)), q1 = V.Multiply(scale1, V.Subtract(m1, m2));
        V p2 = V.Multiply(scale2, V.Add(m3, m4)), q2 = V.Multiply(scale2, V.Subtract(m3, m4));
        V p3 = V.Multiply(scale3, V.Add(m5, m6)), q3 = V.Multiply(scale3, V.Subtract(m5, m6));
        V.Store(V.Add(V.Add(source[0], p1), V.Add(p2, p3)), destination);
        V.Store(V.MultiplyAdd(V.Of(2), q2, V.MultiplyAdd(V.Of(0.5f), q3, q1)), destination + step);
        V.Store(V.MultiplyAdd(V.Of(4), p2, V.MultiplyAdd(V.Of(0.25f), p3, p1)), destination + (2 * step));
        V.Store(V.MultiplyAdd(V.Of(8), q2, V.MultiplyAdd(V.Of(0.125f), q3, q1)), destination + (3 * step));
        V.Store(V.MultiplyAdd(V.Of(16), p2, V.MultiplyAdd(V.Of(0.0625f), p3, V.Add(p1, source[7]))), destination + (4 * step));
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
        even = V.MultiplyAdd(V.Of(0.25f), y2, y0);
        odd = V.MultiplyAdd(V.Of(0.125f), y3, V.Multiply(V.Of(0.5f), y1));
        V.Store(V.Add(even, odd), destination + (5 * step));
        V.Store(V.Subtract(even, odd), destination + (6 * step));
        V.Store(y3, destination + (7 * step));
    }
}
