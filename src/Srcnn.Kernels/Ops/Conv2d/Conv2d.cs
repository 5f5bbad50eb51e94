namespace Srcnn.Kernels;

/// <summary>Geometry of a 2-D convolution (a cross-correlation, as everywhere in deep learning) with a square kernel.</summary>
/// <param name="InChannels">Input channels, C.</param>
/// <param name="OutChannels">Output channels (number of filters), K.</param>
/// <param name="KernelSize">Side of the square kernel in pixels, R = S.</param>
/// <param name="Padding">Pixels added around the input.</param>
/// <param name="Stride">Step between output samples in input pixels.</param>
public readonly record struct Conv2dGeometry(int InChannels, int OutChannels, int KernelSize, Padding Padding = default, int Stride = 1)
{
    /// <summary>Shape of the weights, [R, S, C, K].</summary>
    public Shape Weight => new(KernelSize, KernelSize, InChannels, OutChannels);

    /// <summary>Shape of the flipped weights of <see cref="IBackend.Conv2dFlip"/>, [R, S, K, C].</summary>
    public Shape FlippedWeight => new(KernelSize, KernelSize, OutChannels, InChannels);

    /// <summary>Shape of the bias, [1, 1, 1, K].</summary>
    public Shape Bias => Shape.Vector(OutChannels);

    /// <summary>Terms summed for one output element, R·S·C.</summary>
    public int Terms => KernelSize * KernelSize * InChannels;

    /// <summary>Shape of the output for <paramref name="input"/>.</summary>
    /// <exception cref="ShapeException">The input has other channels or, padded, is smaller than the kernel.</exception>
    public Shape Output(Shape input)
    {
        if (input.C != InChannels) throw new ShapeException($"conv2d: input {input} has {input.C} channels; the weights {Weight} expect {InChannels}");
        var padded = Padding.Around(input);
        if (padded.H < KernelSize || padded.W < KernelSize)
            throw new ShapeException($"conv2d: input {input} with padding {Padding} is smaller than the {KernelSize}×{KernelSize} kernel");
        return new Shape(input.N, (padded.H - KernelSize) / Stride + 1, (padded.W - KernelSize) / Stride + 1, OutChannels);
    }

    /// <summary>Floating-point operations of one forward pass, a multiply–add counted as two.</summary>
    public double Flops(Shape input) => 2.0 * Output(input).Length * Terms;

    internal void CheckForward(Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output)
    {
        activation.Check(OutChannels);
        ShapeException.ThrowUnless(weight.Shape, Weight, "conv2d: weight");
        ShapeException.ThrowUnless(bias.Shape, Bias, "conv2d: bias");
        ShapeException.ThrowUnless(output.Shape, Output(input.Shape), "conv2d: output");
    }

    internal void CheckFlip(Tensor weight, Tensor flipped)
    {
        ShapeException.ThrowUnless(weight.Shape, Weight, "conv2d: weight");
        ShapeException.ThrowUnless(flipped.Shape, FlippedWeight, "conv2d: flipped weight");
    }

    internal void CheckBackwardInput(Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad)
    {
        ShapeException.ThrowUnless(flippedWeight.Shape, FlippedWeight, "conv2d: flipped weight");
        ShapeException.ThrowUnless(outputGrad.Shape, Output(inputGrad.Shape), "conv2d: output gradient");
        if (mask is not null) ShapeException.ThrowUnless(mask.Shape, inputGrad.Shape, "conv2d: mask");
    }

    internal void CheckBackwardWeight(Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad)
    {
        ShapeException.ThrowUnless(weightGrad.Shape, Weight, "conv2d: weight gradient");
        ShapeException.ThrowUnless(biasGrad.Shape, Bias, "conv2d: bias gradient");
        ShapeException.ThrowUnless(outputGrad.Shape, Output(input.Shape), "conv2d: output gradient");
    }
}

public partial interface IBackend
{
    /// <summary>output[n,y,x,k] = activation(bias[k] + Σ weight[r,s,c,k] · padded[n,y·stride+r,x·stride+s,c]). Overwrites.</summary>
    /// <exception cref="ShapeException">A tensor does not fit the geometry.</exception>
    void Conv2dForward(in Conv2dGeometry geometry, Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output);

    /// <summary>flipped[r,s,k,c] = weight[R−1−r,S−1−s,c,k]: with these weights the input gradient is itself a convolution. Overwrites.</summary>
    void Conv2dFlip(in Conv2dGeometry geometry, Tensor weight, Tensor flipped);

    /// <summary>
    /// inputGrad = ∂loss/∂input, given outputGrad = ∂loss/∂(output before its activation). Overwrites.
    /// With a <paramref name="mask"/> (the input, when it came out of a ReLU) elements where mask ≤ 0 become 0: the ReLU's own backward pass, fused.
    /// </summary>
    void Conv2dBackwardInput(in Conv2dGeometry geometry, Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad);

    /// <summary>Adds ∂loss/∂weight and ∂loss/∂bias to the gradients, given outputGrad = ∂loss/∂(output before its activation). Accumulates.</summary>
    void Conv2dBackwardWeight(in Conv2dGeometry geometry, Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad);
}
