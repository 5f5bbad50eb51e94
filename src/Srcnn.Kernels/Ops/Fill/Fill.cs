using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>Sets every element to <paramref name="value"/>.</summary>
    void Fill(Tensor tensor, float value);
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Fill(Tensor tensor, float value) => Elements(tensor).Fill(value);
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void Fill(Tensor tensor, float value) => Elements(tensor).Fill(value);
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Fill(Tensor tensor, float value) => For(tensor.Shape.Length, new FillKernel(value, View(tensor)));
}

internal readonly struct FillKernel(float value, ArrayView<float> tensor) : IKernel
{
    public void Execute(Index1D i) => tensor[i] = value;
}
