namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>Sets every element to <paramref name="value"/>.</summary>
    void Fill(Tensor tensor, float value);
}
