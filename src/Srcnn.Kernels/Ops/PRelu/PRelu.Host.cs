using System.Numerics;

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
        Span<float> x = Elements(input), dy = Elements(outputGrad), dx = Elements(inputGrad), total = Elements(slopeGrad);
        var slopes = Repeated(Elements(slope), out var sums);
        sums.Clear();
        var i = 0;
        for (; i <= x.Length - slopes.Length; i += slopes.Length)
        for (var j = 0; j < slopes.Length; j += Vector<float>.Count)
        {
            Vector<float> value = new(x[(i + j)..]), grad = new(dy[(i + j)..]);
            var positive = Vector.GreaterThan(value, Vector<float>.Zero);
            Vector.ConditionalSelect(positive, grad, grad * new Vector<float>(slopes[j..])).CopyTo(dx[(i + j)..]);
            (new Vector<float>(sums[j..]) + Vector.ConditionalSelect(positive, Vector<float>.Zero, grad * value)).CopyTo(sums[j..]);
        }
        for (var j = 0; i + j < x.Length; j++)
        {
            dx[i + j] = x[i + j] > 0 ? dy[i + j] : slopes[j] * dy[i + j];
            if (!(x[i + j] > 0)) sums[j] += dy[i + j] * x[i + j];
        }
        for (var j = 0; j < sums.Length; j++) total[j % total.Length] += sums[j];
    }

    /// <summary>The forward pass over <paramref name="count"/> elements, whole pixels; in place where the pointers are equal.</summary>
    internal static void PRelu(float* input, ReadOnlySpan<float> slope, float* output, int count)
    {
        Span<float> x = new(input, count), y = new(output, count);
        var slopes = Repeated(slope, out _);
        var i = 0;
        for (; i <= count - slopes.Length; i += slopes.Length)
        for (var j = 0; j < slopes.Length; j += Vector<float>.Count)
        {
            var value = new Vector<float>(x[(i + j)..]);
            Vector.ConditionalSelect(Vector.GreaterThan(value, Vector<float>.Zero), value, value * new Vector<float>(slopes[j..])).CopyTo(y[(i + j)..]);
        }
        for (var j = 0; i + j < count; j++) y[i + j] = x[i + j] > 0 ? x[i + j] : slopes[j] * x[i + j];
    }

    /// <summary>The slopes again and again until they fill whole vectors, whatever the number of channels; and room for as many sums.</summary>
    private static Span<float> Repeated(ReadOnlySpan<float> slope, out Span<float> sums)
    {
        var length = slope.Length * Vector<float>.Count;
        var memory = (slopeScratch ??= new()).Rent(2 * length);
        var slopes = new Span<float>(memory, length);
        for (var j = 0; j < length; j += slope.Length) slope.CopyTo(slopes[j..]);
        sums = new Span<float>(memory + length, length);
        return slopes;
    }
}
