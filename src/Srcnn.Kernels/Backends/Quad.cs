using System.Runtime.CompilerServices;
using ILGPU;

namespace Srcnn.Kernels;

/// <summary>Four floats that GPUs load with one 16-byte instruction. Views of it must start at a multiple of 16 bytes, as shared memory does.</summary>
internal readonly struct Quad(float x, float y, float z, float w)
{
    public readonly float X = x, Y = y, Z = z, W = w;

    /// <summary>this + factor·other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Quad Add(float factor, Quad other) => new(
        Intrinsics.MultiplyAdd(factor, other.X, X), Intrinsics.MultiplyAdd(factor, other.Y, Y),
        Intrinsics.MultiplyAdd(factor, other.Z, Z), Intrinsics.MultiplyAdd(factor, other.W, W));
}

/// <summary>One or two quads: the columns of the product that a thread of a tile computes.</summary>
internal interface IQuads<TSelf>
    where TSelf : struct, IQuads<TSelf>
{
    /// <summary>Floats.</summary>
    static abstract int Count { get; }

    static abstract TSelf Load(ArrayView<Quad> source, int index);

    /// <summary>this + factor·other.</summary>
    TSelf Add(float factor, TSelf other);

    /// <summary>Stores what lies inside the result.</summary>
    void Store<TProduct>(TProduct product, int slice, int row, int column)
        where TProduct : struct, IConv2dProduct;
}

internal readonly struct OneQuad(Quad quad) : IQuads<OneQuad>
{
    private readonly Quad quad = quad;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneQuad Load(ArrayView<Quad> source, int index) => new(source[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public OneQuad Add(float factor, OneQuad other) => new(quad.Add(factor, other.quad));

    public void Store<TProduct>(TProduct product, int slice, int row, int column)
        where TProduct : struct, IConv2dProduct
    {
        if (row >= product.Rows) return;
        if (column < product.Columns) product.Store(slice, row, column, quad.X);
        if (column + 1 < product.Columns) product.Store(slice, row, column + 1, quad.Y);
        if (column + 2 < product.Columns) product.Store(slice, row, column + 2, quad.Z);
        if (column + 3 < product.Columns) product.Store(slice, row, column + 3, quad.W);
    }
}

internal readonly struct TwoQuads(OneQuad low, OneQuad high) : IQuads<TwoQuads>
{
    private readonly OneQuad low = low, high = high;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoQuads Load(ArrayView<Quad> source, int index) => new(OneQuad.Load(source, index), OneQuad.Load(source, index + 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TwoQuads Add(float factor, TwoQuads other) => new(low.Add(factor, other.low), high.Add(factor, other.high));

    public void Store<TProduct>(TProduct product, int slice, int row, int column)
        where TProduct : struct, IConv2dProduct
    {
        low.Store(product, slice, row, column);
        high.Store(product, slice, row, column + 4);
    }
}
