using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>destination = source; both on this backend and of one length.</summary>
    void Copy(Tensor source, Tensor destination);
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "copy: source");
        Elements(source).CopyTo(Elements(destination));
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "copy: source");
        Elements(source).CopyTo(Elements(destination));
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Copy(Tensor source, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "copy: source");
        For(destination.Shape.Length, new CopyKernel(View(source), View(destination)));
    }
}

internal readonly struct CopyKernel(ArrayView<float> source, ArrayView<float> destination) : IKernel
{
    public void Execute(Index1D i) => destination[i] = source[i];
}
