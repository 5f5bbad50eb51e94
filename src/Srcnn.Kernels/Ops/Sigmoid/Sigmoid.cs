using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>output = 1/(1 + e^−input). Overwrites.</summary>
    void SigmoidForward(Tensor input, Tensor output);

    /// <summary>inputGrad = outputGrad·output·(1 − output). Overwrites.</summary>
    void SigmoidBackward(Tensor output, Tensor outputGrad, Tensor inputGrad);
}

internal static class SigmoidShapes
{
    public static void Check(Tensor output, params ReadOnlySpan<Tensor> others)
    {
        foreach (var other in others) ShapeException.ThrowUnless(other.Shape, output.Shape, "sigmoid: input, gradients");
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void SigmoidForward(Tensor input, Tensor output)
    {
        SigmoidShapes.Check(output, input);
        Span<double> x = Elements(input), y = Elements(output);
        for (var i = 0; i < x.Length; i++) y[i] = 1 / (1 + Math.Exp(-x[i]));
    }

    /// <inheritdoc/>
    public void SigmoidBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        SigmoidShapes.Check(output, outputGrad, inputGrad);
        Span<double> y = Elements(output), dy = Elements(outputGrad), dx = Elements(inputGrad);
        for (var i = 0; i < y.Length; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
    }
}

public sealed unsafe partial class HostBackend
{
    /// <inheritdoc/>
    public void SigmoidForward(Tensor input, Tensor output)
    {
        SigmoidShapes.Check(output, input);
        Sigmoid(Pointer(input), Pointer(output), input.Shape.Length);
    }

    /// <inheritdoc/>
    public void SigmoidBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        SigmoidShapes.Check(output, outputGrad, inputGrad);
        Span<float> y = Elements(output), dy = Elements(outputGrad), dx = Elements(inputGrad);
        for (var i = 0; i < y.Length; i++) dx[i] = dy[i] * y[i] * (1 - y[i]);
    }

    internal static void Sigmoid(float* input, float* output, int count)
    {
        for (var i = 0; i < count; i++) output[i] = 1 / (1 + MathF.Exp(-input[i]));
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void SigmoidForward(Tensor input, Tensor output)
    {
        SigmoidShapes.Check(output, input);
        For(input.Shape.Length, new SigmoidForwardKernel(View(input), View(output)));
    }

    /// <inheritdoc/>
    public void SigmoidBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        SigmoidShapes.Check(output, outputGrad, inputGrad);
        For(output.Shape.Length, new SigmoidBackwardKernel(View(output), View(outputGrad), View(inputGrad)));
    }
}

internal readonly struct SigmoidForwardKernel(ArrayView<float> input, ArrayView<float> output) : IKernel
{
    public void Execute(Index1D i) => output[i] = 1f / (1f + Intrinsics.Exp(-input[i]));
}

internal readonly struct SigmoidBackwardKernel(ArrayView<float> output, ArrayView<float> outputGrad, ArrayView<float> inputGrad) : IKernel
{
    public void Execute(Index1D i) => inputGrad[i] = outputGrad[i] * output[i] * (1f - output[i]);
}
