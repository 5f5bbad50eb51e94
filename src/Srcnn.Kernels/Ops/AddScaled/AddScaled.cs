namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>destination += factor·source; both of one length. Sums gradients, averages weights, adds skips.</summary>
    void AddScaled(Tensor source, float factor, Tensor destination);
}
