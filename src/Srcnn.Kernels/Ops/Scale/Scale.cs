namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>tensor *= factor.</summary>
    void Scale(Tensor tensor, float factor);
}
