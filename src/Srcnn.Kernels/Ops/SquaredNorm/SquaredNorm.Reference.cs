namespace Srcnn.Kernels;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void SquaredNorm(Tensor tensor, Tensor result)
    {
        ShapeException.ThrowUnless(result.Shape, Shape.Vector(1), "squared norm: result");
        var sum = 0.0;
        foreach (var element in Elements(tensor)) sum += element * element;
        Elements(result)[0] = sum;
    }
}
