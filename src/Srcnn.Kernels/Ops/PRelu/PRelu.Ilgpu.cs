using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void PReluForward(Tensor input, Tensor slope, Tensor output)
    {
        PReluShapes.Check(input, slope, output);
        For(input.Shape.Length, new PReluForwardKernel(slope.Shape.C, View(input), View(slope), View(output)));
    }

    /// <inheritdoc/>
    public void PReluBackward(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad)
    {
        PReluShapes.Check(input, slope, outputGrad, inputGrad, slopeGrad);
        var products = Scratch("prelu: slope gradients", input.Shape.Length);
        For(input.Shape.Length, new PReluBackwardKernel(slope.Shape.C, View(input), View(slope), View(outputGrad), View(inputGrad), products));
        AddChannelSums(products, new Shape(1, 1, input.Shape.Length / slope.Shape.C, slope.Shape.C), View(slopeGrad));
    }

    /// <summary>A slope for each of <paramref name="channels"/>, as the epilogue of a convolution reads them.</summary>
    private ArrayView<float> Slopes(Tensor slope, int channels)
    {
        if (slope.Shape.C == channels) return View(slope);
        var slopes = Scratch("prelu: slopes", channels);
        For(channels, new PReluSlopesKernel(View(slope), slopes));
        return slopes;
    }
}

internal readonly struct PReluForwardKernel(int period, ArrayView<float> input, ArrayView<float> slope, ArrayView<float> output) : IKernel
{
    public void Execute(Index1D i) => output[i] = input[i] > 0f ? input[i] : slope[i % period] * input[i];
}

/// <summary>One thread per element; what it adds to the slope's gradient is summed afterwards.</summary>
internal readonly struct PReluBackwardKernel(
    int period, ArrayView<float> input, ArrayView<float> slope, ArrayView<float> outputGrad, ArrayView<float> inputGrad, ArrayView<float> products) : IKernel
{
    public void Execute(Index1D i)
    {
        var grad = outputGrad[i];
        inputGrad[i] = input[i] > 0f ? grad : slope[i % period] * grad;
        products[i] = input[i] > 0f ? 0f : grad * input[i];
    }
}

internal readonly struct PReluSlopesKernel(ArrayView<float> slope, ArrayView<float> slopes) : IKernel
{
    public void Execute(Index1D i) => slopes[i] = slope[0];
}
