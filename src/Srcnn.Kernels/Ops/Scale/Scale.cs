using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>tensor *= factor.</summary>
    void Scale(Tensor tensor, float factor);
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Scale(Tensor tensor, float factor)
    {
        foreach (ref var element in Elements(tensor)) element *= factor;
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void Scale(Tensor tensor, float factor)
    {
        var elements = Elements(tensor);
        var i = 0;
        for (; i <= elements.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(elements[i..]) * factor).CopyTo(elements[i..]);
        for (; i < elements.Length; i++) elements[i] *= factor;
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Scale(Tensor tensor, float factor) => For(tensor.Shape.Length, new ScaleKernel(factor, View(tensor)));
}

internal readonly struct ScaleKernel(float factor, ArrayView<float> tensor) : IKernel
{
    public void Execute(Index1D i) => tensor[i] *= factor;
}
