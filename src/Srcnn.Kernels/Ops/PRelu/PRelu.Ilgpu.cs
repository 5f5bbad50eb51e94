using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void PReluForward(Tensor input, Tensor slope, Tensor output)
    {
        PReluShapes.Check(input, slope, output);
        PRelu(input.Shape, View(input), Slopes(slope, input.Shape.C), View(output));
    }

    /// <inheritdoc/>
    public void PReluBackward(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad)
    {
        PReluShapes.Check(input, slope, outputGrad, inputGrad, slopeGrad);
        var (channels, pixels) = (input.Shape.C, input.Shape.Length / input.Shape.C);
        var products = Scratch("prelu: slope gradients", input.Shape.Length);
        ForRows(pixels, channels, new PReluBackwardKernel(channels, View(input), Slopes(slope, channels), View(outputGrad), View(inputGrad), products));
        AddChannelSums(products, new Shape(1, 1, input.Shape.Length / slope.Shape.C, slope.Shape.C), View(slopeGrad));
    }

    private void PRelu(Shape shape, ArrayView<float> input, ArrayView<float> slopes, ArrayView<float> output) =>
        ForRows(shape.Length / shape.C, shape.C, new PReluForwardKernel(shape.C, input, slopes, output));

    /// <summary>A slope for each of <paramref name="channels"/>, as the epilogue of a convolution reads them.</summary>
    private ArrayView<float> Slopes(Tensor slope, int channels)
    {
        if (slope.Shape.C == channels) return View(slope);
        var slopes = Scratch("prelu: slopes", channels);
        For(channels, new PReluSlopesKernel(View(slope), slopes));
        return slopes;
    }
}

/// <summary>Rows are pixels, columns their channels.</summary>
internal readonly struct PReluForwardKernel(int channels, ArrayView<float> input, ArrayView<float> slopes, ArrayView<float> output) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var value = input[row * channels + column];
        output[row * channels + column] = value > 0f ? value : slopes[column] * value;
    }
}

/// <summary>What an element adds to the gradient of its slope is summed afterwards.</summary>
internal readonly struct PReluBackwardKernel(
    int channels, ArrayView<float> input, ArrayView<float> slopes, ArrayView<float> outputGrad, ArrayView<float> inputGrad, ArrayView<float> products) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var i = row * channels + column;
        var (value, grad) = (input[i], outputGrad[i]);
        inputGrad[i] = value > 0f ? grad : slopes[column] * grad;
        products[i] = value > 0f ? 0f : grad * value;
    }
}

internal readonly struct PReluSlopesKernel(ArrayView<float> slope, ArrayView<float> slopes) : IKernel
{
    public void Execute(Index1D i) => slopes[i] = slope[0];
}
