using System.Runtime.CompilerServices;
using ILGPU;

namespace Srcnn.Kernels;

/// <summary>The sums of a strip of weights: a few neighbouring rows of a matrix by a block of its columns, in named scalars as <see cref="ILanes{TSelf}"/> has them.</summary>
internal interface IStripRows<TSelf>
    where TSelf : struct, IStripRows<TSelf>
{
    static abstract int Rows { get; }

    /// <summary>Columns.</summary>
    static abstract int Lanes { get; }

    /// <summary>Row i plus factors[from + i] times the block of columns.</summary>
    TSelf Add(ArrayView<float> factors, int from, ArrayView<float> columns, int columnsFrom);

    /// <summary>Row i is stored at to + i·step.</summary>
    void Store(ArrayView<float> target, int to, int step);
}

internal readonly struct ThreeRows<T>(T a, T b, T c) : IStripRows<ThreeRows<T>>
    where T : struct, ILanes<T>
{
    private readonly T a = a, b = b, c = c;

    public static int Rows => 3;

    public static int Lanes => T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ThreeRows<T> Add(ArrayView<float> factors, int from, ArrayView<float> columns, int columnsFrom) => Add(factors, from, T.Load(columns, columnsFrom));

    /// <summary>The same with a block that is loaded already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ThreeRows<T> Add(ArrayView<float> factors, int from, T block) => new(a.Add(factors[from], block), b.Add(factors[from + 1], block), c.Add(factors[from + 2], block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> target, int to, int step)
    {
        a.Store(target, to);
        b.Store(target, to + step);
        c.Store(target, to + 2 * step);
    }
}

internal readonly struct FiveRows<T>(ThreeRows<T> first, T d, T e) : IStripRows<FiveRows<T>>
    where T : struct, ILanes<T>
{
    private readonly ThreeRows<T> first = first;
    private readonly T d = d, e = e;

    public static int Rows => 5;

    public static int Lanes => T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FiveRows<T> Add(ArrayView<float> factors, int from, ArrayView<float> columns, int columnsFrom) => Add(factors, from, T.Load(columns, columnsFrom));

    /// <summary>The same with a block that is loaded already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public FiveRows<T> Add(ArrayView<float> factors, int from, T block) => new(first.Add(factors, from, block), d.Add(factors[from + 3], block), e.Add(factors[from + 4], block));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> target, int to, int step)
    {
        first.Store(target, to, step);
        d.Store(target, to + 3 * step);
        e.Store(target, to + 4 * step);
    }
}

internal readonly struct EightRows<T>(FiveRows<T> first, ThreeRows<T> last) : IStripRows<EightRows<T>>
    where T : struct, ILanes<T>
{
    private readonly FiveRows<T> first = first;
    private readonly ThreeRows<T> last = last;

    public static int Rows => 8;

    public static int Lanes => T.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EightRows<T> Add(ArrayView<float> factors, int from, ArrayView<float> columns, int columnsFrom)
    {
        var block = T.Load(columns, columnsFrom);
        return new(first.Add(factors, from, block), last.Add(factors, from + 5, block));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ArrayView<float> target, int to, int step)
    {
        first.Store(target, to, step);
        last.Store(target, to + 5 * step, step);
    }
}
