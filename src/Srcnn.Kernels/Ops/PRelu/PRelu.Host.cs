using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

public sealed unsafe partial class HostBackend
{
    [ThreadStatic]
    private static Scratch? slopeScratch;

    /// <inheritdoc/>
    public void PReluForward(Tensor input, Tensor slope, Tensor output)
    {
        PReluShapes.Check(input, slope, output);
        PRelu(Pointer(input), Elements(slope), Pointer(output), input.Shape.Length);
    }

    /// <inheritdoc/>
    public void PReluBackward(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad)
    {
        PReluShapes.Check(input, slope, outputGrad, inputGrad, slopeGrad);
        float* slopes = Repeated(Elements(slope), out var period), sums = slopes + period;
        new Span<float>(sums, period).Clear();
        float* x = Pointer(input), dy = Pointer(outputGrad), dx = Pointer(inputGrad);
        var count = input.Shape.Length;
        if (Simd.Width == 16) PReluLoops<Simd512>.Backward(x, slopes, period, dy, dx, sums, count);
        else if (Simd.Width == 8) PReluLoops<Simd256>.Backward(x, slopes, period, dy, dx, sums, count);
        else PReluLoops<Simd128>.Backward(x, slopes, period, dy, dx, sums, count);
        var total = Elements(slopeGrad);
        for (var j = 0; j < period; j++) total[j % total.Length] += sums[j];
    }

    /// <summary>The forward pass over <paramref name="count"/> elements, whole pixels; in place where the pointers are equal.</summary>
    internal static void PRelu(float* input, ReadOnlySpan<float> slope, float* output, int count)
    {
        var slopes = Repeated(slope, out var period);
        if (Simd.Width == 16) PReluLoops<Simd512>.Forward(input, slopes, period, output, count);
        else if (Simd.Width == 8) PReluLoops<Simd256>.Forward(input, slopes, period, output, count);
        else PReluLoops<Simd128>.Forward(input, slopes, period, output, count);
    }

    /// <summary>The slopes again and again until they fill whole vectors, whatever the number of channels; and room for as many sums.</summary>
    private static float* Repeated(ReadOnlySpan<float> slope, out int period)
    {
        period = slope.Length * Simd.Width;
        var slopes = (slopeScratch ??= new()).Rent(2 * period);
        for (var j = 0; j < period; j += slope.Length) slope.CopyTo(new Span<float>(slopes + j, slope.Length));
        return slopes;
    }
}

/// <summary>PReLU for one vector width; slopes and sums repeat after <c>period</c> elements, whole vectors.</summary>
internal static unsafe class PReluLoops<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, float* slopes, int period, float* y, int count)
    {
        int at = 0, j = 0;
        for (; at <= count - V.Width; at += V.Width, j = j + V.Width == period ? 0 : j + V.Width) V.Store(V.PRelu(V.Load(x + at), V.Load(slopes + j)), y + at);
        if (at < count) V.Store(V.PRelu(V.Load(x + at), V.Load(slopes + j)), y + at, count - at);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* x, float* slopes, int period, float* dy, float* dx, float* sums, int count)
    {
        int at = 0, j = 0;
        for (; at <= count - V.Width; at += V.Width, j = j + V.Width == period ? 0 : j + V.Width)
        {
            V value = V.Load(x + at), grad = V.Load(dy + at), positive = V.Where(value, grad), rest = V.Subtract(grad, positive);
            V.Store(V.MultiplyAdd(V.Load(slopes + j), rest, positive), dx + at);
            V.Store(V.MultiplyAdd(rest, value, V.Load(sums + j)), sums + j);
        }
        for (; at < count; at++, j++)
        {
            dx[at] = x[at] > 0 ? dy[at] : slopes[j] * dy[at];
            if (!(x[at] > 0)) sums[j] += dy[at] * x[at];
        }
    }
}
