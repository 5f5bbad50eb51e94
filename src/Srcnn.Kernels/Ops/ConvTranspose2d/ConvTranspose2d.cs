namespace Srcnn.Kernels;

/// <summary>
/// Geometry of a transposed 2-D convolution that enlarges exactly <paramref name="Stride"/> times:
/// output[n,Y,X,k] = bias[k] + Σ weight[r,s,c,k] · input[n,y,x,c] over all y·stride + r − offset = Y and x·stride + s − offset = X.
/// </summary>
/// <remarks>
/// It is computed as a stride-1 convolution to stride² times the channels (<see cref="Phases"/>), one group for each position of an output pixel
/// within its block, and <see cref="IBackend.DepthToSpace"/>: output pixels of one position meet the same taps of the kernel, every stride-th
/// one. So it runs at the speed of a convolution, forward and backward, and multiplies no zeros but those of taps that a position lacks.
/// </remarks>
/// <param name="InChannels">Input channels, C.</param>
/// <param name="OutChannels">Output channels, K.</param>
/// <param name="KernelSize">Side of the square kernel in output pixels, R = S.</param>
/// <param name="Stride">The factor.</param>
/// <param name="Offset">Output pixels by which the kernel's corner stands before the block of its input pixel; PyTorch's padding.</param>
/// <param name="Border">What stands outside the input.</param>
public readonly record struct ConvTranspose2dGeometry(
    int InChannels, int OutChannels, int KernelSize, int Stride, int Offset, PaddingMode Border = PaddingMode.Zero)
{
    /// <summary>Shape of the weights, [R, S, C, K].</summary>
    public Shape Weight => new(KernelSize, KernelSize, InChannels, OutChannels);

    /// <summary>Shape of the bias, [1, 1, 1, K].</summary>
    public Shape Bias => Shape.Vector(OutChannels);

    /// <summary>Input pixels, on each side, that one block of outputs depends on.</summary>
    public int Radius => Math.Max(0, Math.Max(Stride - 1 + Offset, KernelSize - 1 - Offset) / Stride);

    /// <summary>The convolution over the same input; its channel (i·stride + j)·K + k is channel k of output pixel (i, j) of each block.</summary>
    public Conv2dGeometry Phases => new(InChannels, Stride * Stride * OutChannels, (2 * Radius) + 1, Padding.Same((2 * Radius) + 1, Border));

    /// <summary>The kernel's row (column) that tap <paramref name="t"/> of <see cref="Phases"/> holds for output row (column) <paramref name="phase"/> of each block; none if outside [0, KernelSize).</summary>
    internal int Tap(int t, int phase) => phase + Offset - (Stride * (t - Radius));

    /// <summary>What the output of <see cref="Phases"/> becomes.</summary>
    public Shape Output(Shape phases) => new(phases.N, phases.H * Stride, phases.W * Stride, OutChannels);

    internal void Check(Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias)
    {
        ShapeException.ThrowUnless(weight.Shape, Weight, "transposed conv2d: weight");
        ShapeException.ThrowUnless(bias.Shape, Bias, "transposed conv2d: bias");
        ShapeException.ThrowUnless(phaseWeight.Shape, Phases.Weight, "transposed conv2d: weight of the phases");
        ShapeException.ThrowUnless(phaseBias.Shape, Phases.Bias, "transposed conv2d: bias of the phases");
    }
}

public partial interface IBackend
{
    /// <summary>Sets weights and bias of <see cref="ConvTranspose2dGeometry.Phases"/> from those of the transposed convolution. Overwrites.</summary>
    void ConvTranspose2dToPhases(in ConvTranspose2dGeometry geometry, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias);

    /// <summary>Adds to the gradients of the transposed convolution those of <see cref="ConvTranspose2dGeometry.Phases"/>: the adjoint. Accumulates.</summary>
    void ConvTranspose2dFromPhases(in ConvTranspose2dGeometry geometry, Tensor phaseWeightGrad, Tensor phaseBiasGrad, Tensor weightGrad, Tensor biasGrad);
}
