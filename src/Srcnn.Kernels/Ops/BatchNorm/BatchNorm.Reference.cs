using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>Batch normalisation as it is written, [pixels, channels]; what goes over channels alone is the same on host.</summary>
internal static class BatchNormReference<T>
    where T : IFloatingPointIeee754<T>
{
    public static void Moments(ReadOnlySpan<T> x, int channels, Span<T> moments)
    {
        Span<T> mean = moments[channels..(2 * channels)], squares = moments[(2 * channels)..];
        moments[..channels].Fill(T.CreateChecked(x.Length / channels));
        mean.Clear();
        squares.Clear();
        for (var i = 0; i < x.Length; i++) mean[i % channels] += x[i];
        for (var c = 0; c < channels; c++) mean[c] /= moments[c];
        for (var i = 0; i < x.Length; i++) squares[i % channels] += (x[i] - mean[i % channels]) * (x[i] - mean[i % channels]);
    }

    public static void Merge(ReadOnlySpan<T> other, Span<T> moments)
    {
        var channels = moments.Length / 3;
        for (var c = 0; c < channels; c++)
        {
            var (count, more) = (moments[c], other[c]);
            var (all, apart) = (count + more, other[channels + c] - moments[channels + c]);
            moments[c] = all;
            moments[channels + c] += apart * more / all;
            moments[(2 * channels) + c] += other[(2 * channels) + c] + (apart * apart * count * more / all);
        }
    }

    public static void Track(ReadOnlySpan<T> moments, T momentum, Span<T> mean, Span<T> variance)
    {
        var channels = mean.Length;
        for (var c = 0; c < channels; c++)
        {
            mean[c] += momentum * (moments[channels + c] - mean[c]);
            variance[c] += momentum * ((moments[(2 * channels) + c] / T.Max(T.One, moments[c] - T.One)) - variance[c]);
        }
    }

    /// <summary>1/√(variance + ε).</summary>
    public static T Inverse(ReadOnlySpan<T> moments, int c, T epsilon)
    {
        var channels = moments.Length / 3;
        return T.One / T.Sqrt((moments[(2 * channels) + c] / moments[c]) + epsilon);
    }

    public static T Normal(ReadOnlySpan<T> x, ReadOnlySpan<T> moments, int i, T epsilon)
    {
        var channels = moments.Length / 3;
        return (x[i] - moments[channels + (i % channels)]) * Inverse(moments, i % channels, epsilon);
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ChannelMoments(Tensor input, Tensor moments)
    {
        BatchNormShapes.Check(input, moments);
        BatchNormReference<double>.Moments(Elements(input), input.Shape.C, Elements(moments));
    }

    /// <inheritdoc/>
    public void MergeMoments(Tensor other, Tensor moments)
    {
        ShapeException.ThrowUnless(other.Shape, moments.Shape, "batch norm: moments");
        BatchNormReference<double>.Merge(Elements(other), Elements(moments));
    }

    /// <inheritdoc/>
    public void TrackMoments(Tensor moments, float momentum, Tensor mean, Tensor variance)
    {
        BatchNormShapes.CheckTrack(moments, mean, variance);
        BatchNormReference<double>.Track(Elements(moments), momentum, Elements(mean), Elements(variance));
    }

    /// <inheritdoc/>
    public void BatchNormForward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor shift, Tensor output)
    {
        BatchNormShapes.Check(input, moments, scale, shift);
        BatchNormShapes.CheckSame(input, output);
        Span<double> x = Elements(input), m = Elements(moments), g = Elements(scale), b = Elements(shift), y = Elements(output);
        for (var i = 0; i < x.Length; i++) y[i] = (BatchNormReference<double>.Normal(x, m, i, epsilon) * g[i % g.Length]) + b[i % g.Length];
    }

    /// <inheritdoc/>
    public void BatchNormSums(Tensor input, Tensor moments, float epsilon, Tensor outputGrad, Tensor sums)
    {
        BatchNormShapes.Check(input, moments);
        BatchNormShapes.CheckSame(input, outputGrad);
        BatchNormShapes.CheckSums(input, sums);
        Span<double> x = Elements(input), m = Elements(moments), dy = Elements(outputGrad), s = Elements(sums);
        var channels = input.Shape.C;
        s.Clear();
        for (var i = 0; i < x.Length; i++)
        {
            s[i % channels] += dy[i];
            s[channels + (i % channels)] += dy[i] * BatchNormReference<double>.Normal(x, m, i, epsilon);
        }
    }

    /// <inheritdoc/>
    public void BatchNormBackward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor sums, Tensor outputGrad, Tensor inputGrad)
    {
        BatchNormShapes.Check(input, moments, scale);
        BatchNormShapes.CheckSame(input, outputGrad, inputGrad);
        BatchNormShapes.CheckSums(input, sums);
        Span<double> x = Elements(input), m = Elements(moments), g = Elements(scale), s = Elements(sums), dy = Elements(outputGrad), dx = Elements(inputGrad);
        var channels = input.Shape.C;
        for (var i = 0; i < x.Length; i++)
        {
            var c = i % channels;
            var mean = (s[c] + (BatchNormReference<double>.Normal(x, m, i, epsilon) * s[channels + c])) / m[c];
            dx[i] = g[c] * BatchNormReference<double>.Inverse(m, c, epsilon) * (dy[i] - mean);
        }
    }
}
