using System.Numerics;

namespace Srcnn.Kernels;

public sealed partial class HostBackend
{
    /// <summary>Pixels whose values are summed before they are added to a channel's sum: rounding grows with the number of terms.</summary>
    private const int PixelsPerSum = 256;

    /// <inheritdoc/>
    public void ChannelMoments(Tensor input, Tensor moments)
    {
        BatchNormShapes.Check(input, moments);
        var channels = input.Shape.C;
        Span<float> x = Elements(input), m = Elements(moments), mean = m[channels..(2 * channels)], squares = m[(2 * channels)..];
        m[..channels].Fill(x.Length / channels);
        mean.Clear();
        squares.Clear();
        var part = new float[channels];
        for (var from = 0; from < x.Length; from += PixelsPerSum * channels)
        {
            Array.Clear(part);
            for (var at = from; at < Math.Min(x.Length, from + (PixelsPerSum * channels)); at += channels) AddTo(part, x.Slice(at, channels));
            AddTo(mean, part);
        }
        foreach (ref var sum in mean) sum /= m[0];
        for (var from = 0; from < x.Length; from += PixelsPerSum * channels)
        {
            Array.Clear(part);
            for (var at = from; at < Math.Min(x.Length, from + (PixelsPerSum * channels)); at += channels) AddSquaresTo(part, x.Slice(at, channels), mean);
            AddTo(squares, part);
        }
    }

    /// <inheritdoc/>
    public void MergeMoments(Tensor other, Tensor moments)
    {
        ShapeException.ThrowUnless(other.Shape, moments.Shape, "batch norm: moments");
        BatchNormReference<float>.Merge(Elements(other), Elements(moments));
    }

    /// <inheritdoc/>
    public void TrackMoments(Tensor moments, float momentum, Tensor mean, Tensor variance)
    {
        BatchNormShapes.CheckTrack(moments, mean, variance);
        BatchNormReference<float>.Track(Elements(moments), momentum, Elements(mean), Elements(variance));
    }

    /// <inheritdoc/>
    public void BatchNormForward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor shift, Tensor output)
    {
        BatchNormShapes.Check(input, moments, scale, shift);
        BatchNormShapes.CheckSame(input, output);
        var channels = input.Shape.C;
        // y = factor·x + rest.
        var (factor, rest) = (new float[channels], new float[channels]);
        Span<float> x = Elements(input), m = Elements(moments), y = Elements(output);
        for (var c = 0; c < channels; c++)
        {
            factor[c] = Elements(scale)[c] * BatchNormReference<float>.Inverse(m, c, epsilon);
            rest[c] = Elements(shift)[c] - (factor[c] * m[channels + c]);
        }
        for (var at = 0; at < x.Length; at += channels)
        {
            Span<float> from = x.Slice(at, channels), to = y.Slice(at, channels);
            var c = 0;
            for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
                Vector.FusedMultiplyAdd(new Vector<float>(from[c..]), new Vector<float>(factor, c), new Vector<float>(rest, c)).CopyTo(to[c..]);
            for (; c < channels; c++) to[c] = MathF.FusedMultiplyAdd(from[c], factor[c], rest[c]);
        }
    }

    /// <inheritdoc/>
    public void BatchNormSums(Tensor input, Tensor moments, float epsilon, Tensor outputGrad, Tensor sums)
    {
        BatchNormShapes.Check(input, moments);
        BatchNormShapes.CheckSame(input, outputGrad);
        BatchNormShapes.CheckSums(input, sums);
        var channels = input.Shape.C;
        Span<float> x = Elements(input), m = Elements(moments), mean = m.Slice(channels, channels), dy = Elements(outputGrad), s = Elements(sums);
        s.Clear();
        var (grads, products) = (new float[channels], new float[channels]);
        for (var from = 0; from < x.Length; from += PixelsPerSum * channels)
        {
            Array.Clear(grads);
            Array.Clear(products);
            for (var at = from; at < Math.Min(x.Length, from + (PixelsPerSum * channels)); at += channels)
            {
                AddTo(grads, dy.Slice(at, channels));
                AddProductsTo(products, dy.Slice(at, channels), x.Slice(at, channels), mean);
            }
            AddTo(s[..channels], grads);
            AddTo(s[channels..], products);
        }
        for (var c = 0; c < channels; c++) s[channels + c] *= BatchNormReference<float>.Inverse(m, c, epsilon);
    }

    /// <inheritdoc/>
    public void BatchNormBackward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor sums, Tensor outputGrad, Tensor inputGrad)
    {
        BatchNormShapes.Check(input, moments, scale);
        BatchNormShapes.CheckSame(input, outputGrad, inputGrad);
        BatchNormShapes.CheckSums(input, sums);
        var channels = input.Shape.C;
        Span<float> x = Elements(input), m = Elements(moments), mean = m.Slice(channels, channels), s = Elements(sums), dy = Elements(outputGrad), dx = Elements(inputGrad);
        // dx = factor·(dy − rest − slope·(x − mean)).
        var (factor, rest, slope) = (new float[channels], new float[channels], new float[channels]);
        for (var c = 0; c < channels; c++)
        {
            var inverse = BatchNormReference<float>.Inverse(m, c, epsilon);
            (factor[c], rest[c], slope[c]) = (Elements(scale)[c] * inverse, s[c] / m[c], s[channels + c] * inverse / m[c]);
        }
        for (var at = 0; at < x.Length; at += channels)
        {
            Span<float> value = x.Slice(at, channels), grad = dy.Slice(at, channels), to = dx.Slice(at, channels);
            var c = 0;
            for (; c <= channels - Vector<float>.Count; c += Vector<float>.Count)
            {
                var centred = new Vector<float>(value[c..]) - new Vector<float>(mean[c..]);
                (new Vector<float>(factor, c) * (new Vector<float>(grad[c..]) - new Vector<float>(rest, c) - (new Vector<float>(slope, c) * centred))).CopyTo(to[c..]);
            }
            for (; c < channels; c++) to[c] = factor[c] * (grad[c] - rest[c] - (slope[c] * (value[c] - mean[c])));
        }
    }

    private static void AddTo(Span<float> sums, ReadOnlySpan<float> values)
    {
        var c = 0;
        for (; c <= sums.Length - Vector<float>.Count; c += Vector<float>.Count) (new Vector<float>(sums[c..]) + new Vector<float>(values[c..])).CopyTo(sums[c..]);
        for (; c < sums.Length; c++) sums[c] += values[c];
    }

    /// <summary>sums += (values − mean)².</summary>
    private static void AddSquaresTo(Span<float> sums, ReadOnlySpan<float> values, ReadOnlySpan<float> mean)
    {
        var c = 0;
        for (; c <= sums.Length - Vector<float>.Count; c += Vector<float>.Count)
        {
            var centred = new Vector<float>(values[c..]) - new Vector<float>(mean[c..]);
            (new Vector<float>(sums[c..]) + (centred * centred)).CopyTo(sums[c..]);
        }
        for (; c < sums.Length; c++) sums[c] += (values[c] - mean[c]) * (values[c] - mean[c]);
    }

    /// <summary>sums += grads·(values − mean).</summary>
    private static void AddProductsTo(Span<float> sums, ReadOnlySpan<float> grads, ReadOnlySpan<float> values, ReadOnlySpan<float> mean)
    {
        var c = 0;
        for (; c <= sums.Length - Vector<float>.Count; c += Vector<float>.Count)
            (new Vector<float>(sums[c..]) + (new Vector<float>(grads[c..]) * (new Vector<float>(values[c..]) - new Vector<float>(mean[c..])))).CopyTo(sums[c..]);
        for (; c < sums.Length; c++) sums[c] += grads[c] * (values[c] - mean[c]);
    }
}
