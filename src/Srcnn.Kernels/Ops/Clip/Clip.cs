using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>Every element becomes the nearest number in [−limit, limit]; NaN stays NaN.</summary>
    void ClipValue(Tensor tensor, float limit);

    /// <summary>tensor *= min(1, limit/√squaredNorm), the norm as <see cref="SquaredNorm"/> leaves it: nothing waits for the device. A NaN norm makes all NaN.</summary>
    void ClipNorm(Tensor tensor, Tensor squaredNorm, float limit);
}

internal static class ClipReference<T>
    where T : IRootFunctions<T>, INumber<T>
{
    public static void Value(Span<T> elements, T limit)
    {
        foreach (ref var element in elements) element = T.IsNaN(element) ? element : T.Clamp(element, -limit, limit);
    }

    public static void Norm(Span<T> elements, T squaredNorm, T limit)
    {
        if (squaredNorm <= limit * limit) return;
        var factor = limit / T.Sqrt(squaredNorm);
        foreach (ref var element in elements) element *= factor;
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void ClipValue(Tensor tensor, float limit) => ClipReference<double>.Value(Elements(tensor), limit);

    /// <inheritdoc/>
    public void ClipNorm(Tensor tensor, Tensor squaredNorm, float limit)
    {
        ShapeException.ThrowUnless(squaredNorm.Shape, Shape.Vector(1), "clip: squared norm");
        ClipReference<double>.Norm(Elements(tensor), Elements(squaredNorm)[0], limit);
    }
}

public sealed partial class HostBackend
{
    // Once per step over the parameters: plain loops are fast enough.
    /// <inheritdoc/>
    public void ClipValue(Tensor tensor, float limit) => ClipReference<float>.Value(Elements(tensor), limit);

    /// <inheritdoc/>
    public void ClipNorm(Tensor tensor, Tensor squaredNorm, float limit)
    {
        ShapeException.ThrowUnless(squaredNorm.Shape, Shape.Vector(1), "clip: squared norm");
        ClipReference<float>.Norm(Elements(tensor), Elements(squaredNorm)[0], limit);
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void ClipValue(Tensor tensor, float limit) => For(tensor.Shape.Length, new ClipValueKernel(limit, View(tensor)));

    /// <inheritdoc/>
    public void ClipNorm(Tensor tensor, Tensor squaredNorm, float limit)
    {
        ShapeException.ThrowUnless(squaredNorm.Shape, Shape.Vector(1), "clip: squared norm");
        For(tensor.Shape.Length, new ClipNormKernel(limit, View(squaredNorm), View(tensor)));
    }
}

internal readonly struct ClipValueKernel(float limit, ArrayView<float> tensor) : IKernel
{
    public void Execute(Index1D i)
    {
        // ILGPU turns the branch of an if around and loses what it does with NaN; choices keep it.
        var value = tensor[i] <= -limit ? -limit : tensor[i];
        tensor[i] = value >= limit ? limit : value;
    }
}

internal readonly struct ClipNormKernel(float limit, ArrayView<float> squaredNorm, ArrayView<float> tensor) : IKernel
{
    public void Execute(Index1D i)
    {
        tensor[i] *= squaredNorm[0] <= limit * limit ? 1f : limit / MathF.Sqrt(squaredNorm[0]);
    }
}
