using System.Numerics;

namespace Srcnn.Kernels;

public sealed partial class HostBackend
{
    /// <summary>Elements summed in float vectors before they enter a double: short enough that rounding stays at a few ε.</summary>
    private const int SumBlock = 1024;

    /// <inheritdoc/>
    public void SquaredNorm(Tensor tensor, Tensor result)
    {
        ShapeException.ThrowUnless(result.Shape, Shape.Vector(1), "squared norm: result");
        ReadOnlySpan<float> elements = Elements(tensor);
        var sum = 0.0;
        for (; elements.Length > SumBlock; elements = elements[SumBlock..]) sum += SumOfSquares(elements[..SumBlock]);
        Elements(result)[0] = (float)(sum + SumOfSquares(elements));
    }

    private static float SumOfSquares(ReadOnlySpan<float> block)
    {
        var lanes = Vector<float>.Zero;
        var i = 0;
        for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var element = new Vector<float>(block[i..]);
            lanes += element * element;
        }
        var sum = Vector.Sum(lanes);
        for (; i < block.Length; i++) sum += block[i] * block[i];
        return sum;
    }
}
