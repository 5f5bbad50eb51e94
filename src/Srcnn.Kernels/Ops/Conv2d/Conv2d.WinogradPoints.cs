using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// The transforms of F(m, r). A filter and its inputs are polynomials; they are multiplied by their values at n points: ±1, ±2, with seven
/// points or more ±½, then 0 unless there are seven, and ∞, which stands for the leading coefficient. Points of both signs share their even
/// and odd parts. Results come in the order 0, 1, −1, 2, −2, ½, −½, ∞.
/// </summary>
internal static unsafe class WinogradPoints<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Points, inputs and multiplications, n.</summary>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TForm.Outputs + TForm.Taps - 1;
    }

    private static bool HasZero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count != 7;
    }

    private static bool HasHalves
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Count > 6;
    }

    /// <summary>The index of point 1.</summary>
    private static int First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HasZero ? 1 : 0;
    }

    // 1 / Π(p − q) over the other points q but for the sign that the point −p has where 0 is missing.
    private static float Scale1
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HasHalves ? -2 / 9f : -1 / 6f;
    }

    private static float Scale2
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => !HasHalves ? 1 / 24f : HasZero ? 1 / 90f : 1 / 45f;
    }

    private static float ScaleHalf
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => HasZero ? 32 / 45f : 16 / 45f;
    }

    /// <summary>Row i of G in double.</summary>
    public static double Filter(int i, int tap)
    {
        if (i == Count - 1) return tap == TForm.Taps - 1 ? 1 : 0;
        if (i < First) return tap == 0 ? 1 : 0;
        var (pair, minus) = Math.DivRem(i - First, 2);
        double point = pair == 0 ? 1 : pair == 1 ? 2 : 0.5, rest = (HasZero ? 2 * point : 2) * point;
        foreach (var other in HasHalves ? new[] { 1, 2, 0.5 } : [1, 2])
            if (other != point) rest *= (point * point) - (other * other);
        if (minus == 1) (point, rest) = (-point, HasZero ? rest : -rest);
        return Math.Pow(point, tap) / rest;
    }

    /// <summary>Bᵀ d, of a tile of inputs: at ±p the coefficients of (x² ± p·x)·Π(x² − q²), without the point 0 of (x ± p)·Π(x² − q²).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TSource, TSink>(TSource d, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        V d0 = d[0], d1 = d[1], d2 = d[2], d3 = d[3], d4 = d[4], d5 = d[5], even, odd;
        if (!HasHalves)
        {
            sink.Put(0, V.MultiplyAdd(V.Of(-1.25f), d2, V.MultiplyAdd(V.Of(0.25f), d4, d0)));
            (even, odd) = (V.MultiplyAdd(V.Of(-4), d2, d4), V.MultiplyAdd(V.Of(-4), d1, d3));
            sink.Put(1, At(1, even, odd));
            sink.Put(2, At(-1, even, odd));
            (even, odd) = (V.Subtract(d4, d2), V.Subtract(d3, d1));
            sink.Put(3, At(2, even, odd));
            sink.Put(4, At(-2, even, odd));
            sink.Put(5, V.MultiplyAdd(V.Of(4), d1, V.MultiplyAdd(V.Of(-5), d3, d5)));
            return;
        }
        var d6 = d[6];
        if (HasZero)
        {
            sink.Put(0, V.MultiplyAdd(V.Of(5.25f), V.Subtract(d4, d2), V.Subtract(d0, d6)));
            (d0, d1, d2, d3, d4, d5, d6) = (d1, d2, d3, d4, d5, d6, d[7]); // the other points do not read the first
        }
        sink.Put(Count - 1, V.MultiplyAdd(V.Of(5.25f), V.Subtract(d2, d4), V.Subtract(d6, d0)));
        V c = V.Of(-4.25f);
        (even, odd) = (V.MultiplyAdd(c, d3, V.Add(d1, d5)), V.MultiplyAdd(c, d2, V.Add(d0, d4)));
        sink.Put(First, At(1, even, odd));
        sink.Put(First + 1, At(-1, even, odd));
        V quarter = V.Of(0.25f);
        c = V.Of(-1.25f);
        (even, odd) = (V.MultiplyAdd(quarter, d1, V.MultiplyAdd(c, d3, d5)), V.MultiplyAdd(quarter, d0, V.MultiplyAdd(c, d2, d4)));
        sink.Put(First + 2, At(2, even, odd));
        sink.Put(First + 3, At(-2, even, odd));
        V four = V.Of(4);
        c = V.Of(-5);
        (even, odd) = (V.MultiplyAdd(four, d1, V.MultiplyAdd(c, d3, d5)), V.MultiplyAdd(four, d0, V.MultiplyAdd(c, d2, d4)));
        sink.Put(First + 4, At(0.5f, even, odd));
        sink.Put(First + 5, At(-0.5f, even, odd));
    }

    /// <summary>Aᵀ m, the outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TSource, TSink>(TSource m, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        V p1 = V.Add(m[First], m[First + 1]), q1 = V.Subtract(m[First], m[First + 1]);
        V p2 = V.Add(m[First + 2], m[First + 3]), q2 = V.Subtract(m[First + 2], m[First + 3]);
        V p3 = HasHalves ? V.Add(m[First + 4], m[First + 5]) : default, q3 = HasHalves ? V.Subtract(m[First + 4], m[First + 5]) : default;
        Powers(TForm.Outputs, m, p1, q1, p2, q2, p3, q3, sink);
    }

    /// <summary>A y, the way in of a tile of output gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGrad<TSource, TSink>(TSource y, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        if (HasZero) sink.Put(0, y[0]);
        V even = Even(TForm.Outputs, y, 1), odd = Odd(TForm.Outputs, y, 1);
        sink.Put(First, At(1, even, odd));
        sink.Put(First + 1, At(-1, even, odd));
        (even, odd) = (Even(TForm.Outputs, y, 4), Odd(TForm.Outputs, y, 4));
        sink.Put(First + 2, At(2, even, odd));
        sink.Put(First + 3, At(-2, even, odd));
        if (HasHalves)
        {
            (even, odd) = (Even(TForm.Outputs, y, 0.25f), Odd(TForm.Outputs, y, 0.25f));
            sink.Put(First + 4, At(0.5f, even, odd));
            sink.Put(First + 5, At(-0.5f, even, odd));
        }
        sink.Put(Count - 1, y[TForm.Outputs - 1]);
    }

    /// <summary>G g, of a filter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter<TSource, TSink>(TSource g, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        if (HasZero) sink.Put(0, g[0]);
        V even = V.Multiply(V.Of(Scale1), Even(TForm.Taps, g, 1)), odd = V.Multiply(V.Of(Scale1), Odd(TForm.Taps, g, 1));
        sink.Put(First, V.Add(even, odd));
        sink.Put(First + 1, Minus(even, odd));
        (even, odd) = (V.Multiply(V.Of(Scale2), Even(TForm.Taps, g, 4)), V.Multiply(V.Of(Scale2 * 2), Odd(TForm.Taps, g, 4)));
        sink.Put(First + 2, V.Add(even, odd));
        sink.Put(First + 3, Minus(even, odd));
        if (HasHalves)
        {
            (even, odd) = (V.Multiply(V.Of(ScaleHalf), Even(TForm.Taps, g, 0.25f)), V.Multiply(V.Of(ScaleHalf * 0.5f), Odd(TForm.Taps, g, 0.25f)));
            sink.Put(First + 4, V.Add(even, odd));
            sink.Put(First + 5, Minus(even, odd));
        }
        sink.Put(Count - 1, g[TForm.Taps - 1]);
    }

    /// <summary>Gᵀ m, the way back of a filter's gradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FilterGrad<TSource, TSink>(TSource m, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        V scale1 = V.Of(Scale1), scale2 = V.Of(Scale2), scale3 = V.Of(ScaleHalf);
        V p1 = V.Multiply(scale1, V.Add(m[First], m[First + 1])), q1 = V.Multiply(scale1, V.Subtract(m[First], m[First + 1]));
        V p2 = V.Multiply(scale2, V.Add(m[First + 2], m[First + 3])), q2 = V.Multiply(scale2, V.Subtract(m[First + 2], m[First + 3]));
        V p3 = HasHalves ? V.Multiply(scale3, V.Add(m[First + 4], m[First + 5])) : default;
        V q3 = HasHalves ? V.Multiply(scale3, V.Subtract(m[First + 4], m[First + 5])) : default;
        if (HasZero) Powers(TForm.Taps, m, p1, q1, p2, q2, p3, q3, sink);
        else Powers(TForm.Taps, m, q1, p1, q2, p2, q3, p3, sink);
    }

    /// <summary>even + point·odd. What runs for every tile does not hand its sink on with such pairs: the JIT would copy it to the stack and read it again for every result.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V At(float point, V even, V odd) => point switch
    {
        1 => V.Add(even, odd),
        -1 => V.Subtract(even, odd),
        _ => V.MultiplyAdd(V.Of(point), odd, even),
    };

    /// <summary>What a filter is at −p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Minus(V even, V odd) => HasZero ? V.Subtract(even, odd) : V.Subtract(odd, even);

    /// <summary>s₀ + p²·s₂ + p⁴·s₄ of up to six coefficients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Even<TSource>(int count, TSource s, float square)
        where TSource : struct, IWinogradSource<V>
    {
        var high = count > 4 ? V.MultiplyAdd(V.Of(square), s[4], s[2]) : s[2];
        return V.MultiplyAdd(V.Of(square), high, s[0]);
    }

    /// <summary>s₁ + p²·s₃ + p⁴·s₅.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Odd<TSource>(int count, TSource s, float square)
        where TSource : struct, IWinogradSource<V>
    {
        if (count < 4) return s[1];
        var high = count > 5 ? V.MultiplyAdd(V.Of(square), s[5], s[3]) : s[3];
        return V.MultiplyAdd(V.Of(square), high, s[1]);
    }

    /// <summary>result[k] = Σ pᵏ·m(p) over all points for k below <paramref name="count"/>, given the sums p and differences q of each pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Powers<TSource, TSink>(int count, TSource m, V p1, V q1, V p2, V q2, V p3, V q3, TSink sink)
        where TSource : struct, IWinogradSource<V>
        where TSink : struct, IWinogradSink<V>
    {
        var last = m[Count - 1];
        sink.Put(0, V.Add(HasZero ? V.Add(m[0], p1) : p1, HasHalves ? V.Add(p2, p3) : p2));
        sink.Put(1, Power(q1, 2, q2, q3));
        sink.Put(2, Power(count == 3 ? V.Add(p1, last) : p1, 4, p2, p3));
        if (count > 3) sink.Put(3, Power(count == 4 ? V.Add(q1, last) : q1, 8, q2, q3));
        if (count > 4) sink.Put(4, Power(count == 5 ? V.Add(p1, last) : p1, 16, p2, p3));
        if (count > 5) sink.Put(5, Power(V.Add(q1, last), 32, q2, q3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Power(V one, float power, V two, V half)
    {
        var sum = V.MultiplyAdd(V.Of(power), two, one);
        return HasHalves ? V.MultiplyAdd(V.Of(1 / power), half, sum) : sum;
    }
}
