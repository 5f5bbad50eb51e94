using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>[N, H, W, C] indexing over memory of any number type; the reference ops are written in it.</summary>
internal readonly ref struct View<T>(Span<T> elements, Shape shape)
    where T : INumber<T>
{
    private readonly Span<T> elements = elements;

    public Shape Shape { get; } = shape;

    public ref T this[int n, int y, int x, int c] => ref elements[((n * Shape.H + y) * Shape.W + x) * Shape.C + c];

    public ref T this[int i] => ref elements[i];
}
