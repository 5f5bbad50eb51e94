namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// inputGrad = outputGrad where output &gt; 0, else 0 (the derivative at 0 is taken as 0). Overwrites. Needed only where the layer
    /// behind a ReLU cannot fuse the mask into its own input gradient. All three have one shape.
    /// </summary>
    void ReluBackward(Tensor output, Tensor outputGrad, Tensor inputGrad);
}
