using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// inputGrad = outputGrad where output &gt; 0, else 0 (the derivative at 0 is taken as 0). Overwrites. Needed only where the layer
    /// behind a ReLU cannot fuse the mask into its own input gradient. All three have one shape.
    /// </summary>
    void ReluBackward(Tensor output, Tensor outputGrad, Tensor inputGrad);
}

internal static class ReluReference
{
    public static void Check(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        ShapeException.ThrowUnless(outputGrad.Shape, output.Shape, "relu: output gradient");
        ShapeException.ThrowUnless(inputGrad.Shape, output.Shape, "relu: input gradient");
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        ReluReference.Check(output, outputGrad, inputGrad);
        Span<double> y = Elements(output), dy = Elements(outputGrad), dx = Elements(inputGrad);
        for (var i = 0; i < dx.Length; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        ReluReference.Check(output, outputGrad, inputGrad);
        Span<float> y = Elements(output), dy = Elements(outputGrad), dx = Elements(inputGrad);
        var i = 0;
        for (; i <= dx.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var positive = Vector.GreaterThan(new Vector<float>(y[i..]), Vector<float>.Zero);
            Vector.ConditionalSelect(positive, new Vector<float>(dy[i..]), Vector<float>.Zero).CopyTo(dx[i..]);
        }
        for (; i < dx.Length; i++) dx[i] = y[i] > 0 ? dy[i] : 0;
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void ReluBackward(Tensor output, Tensor outputGrad, Tensor inputGrad)
    {
        ReluReference.Check(output, outputGrad, inputGrad);
        For(inputGrad.Shape.Length, new ReluBackwardKernel(View(output), View(outputGrad), View(inputGrad)));
    }
}

internal readonly struct ReluBackwardKernel(ArrayView<float> output, ArrayView<float> outputGrad, ArrayView<float> inputGrad) : IKernel
{
    public void Execute(Index1D i) => inputGrad[i] = output[i] > 0f ? outputGrad[i] : 0f;
}
