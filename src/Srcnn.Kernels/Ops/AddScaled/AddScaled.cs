using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>destination += factor·source; both of one length. Sums gradients, averages weights, adds skips.</summary>
    void AddScaled(Tensor source, float factor, Tensor destination);
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void AddScaled(Tensor source, float factor, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "add: source");
        Span<double> from = Elements(source), to = Elements(destination);
        for (var i = 0; i < to.Length; i++) to[i] += factor * from[i];
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void AddScaled(Tensor source, float factor, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "add: source");
        AddScaled(Elements(source), factor, Elements(destination));
    }

    /// <summary>destination += factor·source.</summary>
    internal static void AddScaled(ReadOnlySpan<float> source, float factor, Span<float> destination)
    {
        var i = 0;
        var factors = new Vector<float>(factor);
        for (; i <= destination.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(factors, new Vector<float>(source[i..]), new Vector<float>(destination[i..])).CopyTo(destination[i..]);
        for (; i < destination.Length; i++) destination[i] = MathF.FusedMultiplyAdd(factor, source[i], destination[i]);
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void AddScaled(Tensor source, float factor, Tensor destination)
    {
        ShapeException.ThrowUnlessSameLength(source, destination, "add: source");
        For(destination.Shape.Length, new AddScaledKernel(View(source), factor, View(destination)));
    }
}

internal readonly struct AddScaledKernel(ArrayView<float> source, float factor, ArrayView<float> destination) : IKernel
{
    public void Execute(Index1D i) => destination[i] += factor * source[i];
}
