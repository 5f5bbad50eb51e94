namespace Srcnn.Kernels;

/// <summary>Extents of a dense tensor, channels last: [N, H, W, C]. Weights use the same four axes as [R, S, C, K].</summary>
public readonly record struct Shape(int N, int H, int W, int C)
{
    /// <summary>A vector of <paramref name="length"/> elements, [1, 1, 1, length].</summary>
    public static Shape Vector(int length) => new(1, 1, 1, length);

    /// <summary>Number of elements.</summary>
    /// <exception cref="OverflowException">More than 2³¹−1 elements.</exception>
    public int Length => checked(N * H * W * C);

    /// <summary>Elements of one sample, H·W·C.</summary>
    public int Sample => checked(H * W * C);

    /// <summary>Whether pixel (y, x) lies inside the plane.</summary>
    public bool Contains(int y, int x) => (uint)y < (uint)H && (uint)x < (uint)W;

    /// <summary>For example "128×33×33×1".</summary>
    public override string ToString() => $"{N}×{H}×{W}×{C}";
}

/// <summary>Tensors that meet in one op do not fit together.</summary>
public sealed class ShapeException(string message) : ArgumentException(message)
{
    /// <summary>Throws unless <paramref name="actual"/> is what the op expects.</summary>
    public static void ThrowUnless(Shape actual, Shape expected, string what)
    {
        if (actual != expected) throw new ShapeException($"{what} is {actual}; expected {expected}");
    }

    /// <summary>Throws unless <paramref name="actual"/> has as many elements as <paramref name="expected"/>; for ops that see a tensor as a plain vector.</summary>
    internal static void ThrowUnlessSameLength(Tensor actual, Tensor expected, string what)
    {
        if (actual.Shape.Length != expected.Shape.Length)
            throw new ShapeException($"{what} is {actual.Shape}, {actual.Shape.Length} elements; expected as many as in {expected.Shape}");
    }
}
