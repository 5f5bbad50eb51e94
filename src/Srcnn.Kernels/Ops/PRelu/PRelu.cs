namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// output = input where input &gt; 0, else slope·input (arXiv:1502.01852); one slope per channel, [1, 1, 1, C], or one for all, [1, 1, 1, 1].
    /// Overwrites. Training needs it apart from its convolution: with a negative slope the output does not tell the input's sign.
    /// </summary>
    void PReluForward(Tensor input, Tensor slope, Tensor output);

    /// <summary>
    /// inputGrad = outputGrad where input &gt; 0, else slope·outputGrad; overwrites. slopeGrad += Σ outputGrad·input over the inputs that
    /// are not positive.
    /// </summary>
    void PReluBackward(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad);
}

internal static class PReluShapes
{
    public static void Check(Tensor input, Tensor slope, Tensor output)
    {
        Activation.PRelu(slope).Check(input.Shape.C);
        ShapeException.ThrowUnless(output.Shape, input.Shape, "prelu: output");
    }

    public static void Check(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad)
    {
        Check(input, slope, inputGrad);
        ShapeException.ThrowUnless(outputGrad.Shape, input.Shape, "prelu: output gradient");
        ShapeException.ThrowUnless(slopeGrad.Shape, slope.Shape, "prelu: slope gradient");
    }
}
