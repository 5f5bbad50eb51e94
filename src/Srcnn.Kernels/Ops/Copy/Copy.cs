namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>destination = source; both on this backend and of one length.</summary>
    void Copy(Tensor source, Tensor destination);
}
