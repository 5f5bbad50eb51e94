namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// Mean squared error over <paramref name="elements"/> elements, of which these tensors hold a part:
    /// predictionGrad = 2·(prediction − target)/elements (overwrites), loss[0] += Σ(prediction − target)²/elements (accumulates).
    /// </summary>
    void MseLoss(Tensor prediction, Tensor target, long elements, Tensor predictionGrad, Tensor loss);
}
