using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void ChannelMoments(Tensor input, Tensor moments)
    {
        BatchNormShapes.Check(input, moments);
        var (channels, pixels) = (input.Shape.C, input.Shape.Length / input.Shape.C);
        var (m, squares) = (View(moments), Scratch("batch norm: terms", input.Shape.Length));
        Fill(moments, 0);
        AddChannelSums(View(input), input.Shape, m.SubView(channels, channels));
        For(channels, new ChannelMomentsMeanKernel(channels, pixels, m));
        ForRows(pixels, channels, new ChannelMomentsSquaresKernel(channels, View(input), m, squares));
        AddChannelSums(squares, input.Shape, m.SubView(2 * channels, channels));
    }

    /// <inheritdoc/>
    public void MergeMoments(Tensor other, Tensor moments)
    {
        ShapeException.ThrowUnless(other.Shape, moments.Shape, "batch norm: moments");
        For(moments.Shape.C, new MergeMomentsKernel(moments.Shape.C, View(other), View(moments)));
    }

    /// <inheritdoc/>
    public void TrackMoments(Tensor moments, float momentum, Tensor mean, Tensor variance)
    {
        BatchNormShapes.CheckTrack(moments, mean, variance);
        For(mean.Shape.C, new TrackMomentsKernel(mean.Shape.C, momentum, View(moments), View(mean), View(variance)));
    }

    /// <inheritdoc/>
    public void BatchNormForward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor shift, Tensor output)
    {
        BatchNormShapes.Check(input, moments, scale, shift);
        BatchNormShapes.CheckSame(input, output);
        var channels = input.Shape.C;
        ForRows(input.Shape.Length / channels, channels, new BatchNormForwardKernel(channels, epsilon, View(input), View(moments), View(scale), View(shift), View(output)));
    }

    /// <inheritdoc/>
    public void BatchNormSums(Tensor input, Tensor moments, float epsilon, Tensor outputGrad, Tensor sums)
    {
        BatchNormShapes.Check(input, moments);
        BatchNormShapes.CheckSame(input, outputGrad);
        BatchNormShapes.CheckSums(input, sums);
        var channels = input.Shape.C;
        var products = Scratch("batch norm: terms", input.Shape.Length);
        ForRows(input.Shape.Length / channels, channels, new BatchNormProductsKernel(channels, epsilon, View(input), View(moments), View(outputGrad), products));
        Fill(sums, 0);
        AddChannelSums(View(outputGrad), input.Shape, View(sums).SubView(0, channels));
        AddChannelSums(products, input.Shape, View(sums).SubView(channels, channels));
    }

    /// <inheritdoc/>
    public void BatchNormBackward(Tensor input, Tensor moments, float epsilon, Tensor scale, Tensor sums, Tensor outputGrad, Tensor inputGrad)
    {
        BatchNormShapes.Check(input, moments, scale);
        BatchNormShapes.CheckSame(input, outputGrad, inputGrad);
        BatchNormShapes.CheckSums(input, sums);
        var channels = input.Shape.C;
        ForRows(input.Shape.Length / channels, channels, new BatchNormBackwardKernel(
            channels, epsilon, View(input), View(moments), View(scale), View(sums), View(outputGrad), View(inputGrad)));
    }
}

/// <summary>What the kernels share; moments are rows of pixels, means and sums of squares.</summary>
internal static class BatchNormKernels
{
    /// <summary>1/√(variance + ε).</summary>
    public static float Inverse(ArrayView<float> moments, int channels, int c, float epsilon) => 1f / MathF.Sqrt((moments[(2 * channels) + c] / moments[c]) + epsilon);
}

internal readonly struct ChannelMomentsMeanKernel(int channels, int pixels, ArrayView<float> moments) : IKernel
{
    public void Execute(Index1D c)
    {
        moments[c] = pixels;
        moments[channels + c] /= pixels;
    }
}

internal readonly struct ChannelMomentsSquaresKernel(int channels, ArrayView<float> input, ArrayView<float> moments, ArrayView<float> squares) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var centred = input[(row * channels) + column] - moments[channels + column];
        squares[(row * channels) + column] = centred * centred;
    }
}

internal readonly struct MergeMomentsKernel(int channels, ArrayView<float> other, ArrayView<float> moments) : IKernel
{
    public void Execute(Index1D c)
    {
        float count = moments[c], more = other[c], all = count + more, apart = other[channels + c] - moments[channels + c];
        moments[c] = all;
        moments[channels + c] += apart * more / all;
        moments[(2 * channels) + c] += other[(2 * channels) + c] + (apart * apart * count * more / all);
    }
}

internal readonly struct TrackMomentsKernel(int channels, float momentum, ArrayView<float> moments, ArrayView<float> mean, ArrayView<float> variance) : IKernel
{
    public void Execute(Index1D c)
    {
        var others = moments[c] - 1f;
        mean[c] += momentum * (moments[channels + c] - mean[c]);
        variance[c] += momentum * ((moments[(2 * channels) + c] / (others < 1f ? 1f : others)) - variance[c]);
    }
}

/// <summary>Rows are pixels, columns their channels.</summary>
internal readonly struct BatchNormForwardKernel(
    int channels, float epsilon, ArrayView<float> input, ArrayView<float> moments, ArrayView<float> scale, ArrayView<float> shift, ArrayView<float> output) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var i = (row * channels) + column;
        output[i] = ((input[i] - moments[channels + column]) * BatchNormKernels.Inverse(moments, channels, column, epsilon) * scale[column]) + shift[column];
    }
}

internal readonly struct BatchNormProductsKernel(
    int channels, float epsilon, ArrayView<float> input, ArrayView<float> moments, ArrayView<float> outputGrad, ArrayView<float> products) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var i = (row * channels) + column;
        products[i] = outputGrad[i] * (input[i] - moments[channels + column]) * BatchNormKernels.Inverse(moments, channels, column, epsilon);
    }
}

internal readonly struct BatchNormBackwardKernel(
    int channels, float epsilon, ArrayView<float> input, ArrayView<float> moments, ArrayView<float> scale, ArrayView<float> sums, ArrayView<float> outputGrad,
    ArrayView<float> inputGrad) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var i = (row * channels) + column;
        var inverse = BatchNormKernels.Inverse(moments, channels, column, epsilon);
        var normal = (input[i] - moments[channels + column]) * inverse;
        inputGrad[i] = scale[column] * inverse * (outputGrad[i] - ((sums[column] + (normal * sums[channels + column])) / moments[column]));
    }
}
