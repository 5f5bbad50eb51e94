namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>Σ tensor², as a one-element tensor so that nothing waits for the device. Overwrites <paramref name="result"/>.</summary>
    void SquaredNorm(Tensor tensor, Tensor result);
}
