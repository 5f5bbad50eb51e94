using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// The sum that all three passes of a convolution are made of:
/// C[i, v] = finish(start[i, v] + Σ_row Σ_t A[row][i·AStep + t·ATerm] · B[row][t·BTerm + v]), a scalar of A times a vector of B.
/// Forward and input gradient: i is a pixel, t a tap and input channel, v an output channel.
/// Weight gradient: i is a tap and input channel, t a pixel, v an output channel.
/// </summary>
internal unsafe struct TileSum
{
    /// <summary>One pointer per row into the factors that are broadcast, at i = 0 and t = 0.</summary>
    public float** A;

    /// <summary>One pointer per row into the factors that are read as vectors.</summary>
    public float** B;

    /// <summary>Added to every pointer of <see cref="A"/> and of <see cref="B"/>, in elements.</summary>
    public nint AOffset, BOffset;

    public int Rows;

    /// <summary>Terms per row.</summary>
    public nint Terms;

    public nint AStep, ATerm, BTerm;

    /// <summary>Where the sums start, as the <see cref="ITileEnds{V}"/> in use reads it: a bias for every i, or a row of C per i.</summary>
    public float* Initial;

    /// <summary>Zeroes the sum where it is not positive; same layout as <see cref="C"/>.</summary>
    public float* Mask;

    /// <summary>PReLU's slopes for the vector at hand; <see cref="Tiles.Run"/> advances them by <see cref="SlopeStep"/> per lane.</summary>
    public float* Slope;

    /// <summary>1, or 0 where all lanes share one slope, of which <see cref="Slope"/> then holds <see cref="Tiles.MostLanes"/> copies.</summary>
    public nint SlopeStep;

    /// <summary>Step of Initial and Mask from i to i + 1 in elements.</summary>
    public nint EndStep;

    public float* C;

    public nint CStep;

    /// <summary>Lanes of the last block along the vector axis, where it is not full.</summary>
    public int Lanes;

    /// <summary>How often the whole is computed, each time further on: the rows of a picture, tap rows, matrices.</summary>
    public int Repeats = 1;

    /// <summary>Pointers from one repeat to the next.</summary>
    public int ARepeat, BRepeat;

    /// <summary>Elements of Initial and Mask, and of C, from one repeat to the next.</summary>
    public nint EndRepeat, CRepeat;

    public TileSum() { }

    /// <summary>Moves on by <paramref name="count"/> repeats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Repeat(nint count)
    {
        A += count * ARepeat;
        B += count * BRepeat;
        Initial += count * EndRepeat;
        Mask += count * EndRepeat;
        C += count * CRepeat;
    }
}

/// <summary>How a <see cref="TileSum"/> starts and finishes. A type argument, not a flag: a branch among two dozen live registers makes the JIT spill them all.</summary>
internal unsafe interface ITileEnds<V>
    where V : struct, ISimd<V>
{
    static abstract V Start(in TileSum sum, nint i);

    static abstract V Finish(in TileSum sum, nint i, V value);

    static virtual void Store(in TileSum sum, V value, float* destination) => V.Store(value, destination);
}

/// <summary>The same for a last block of which only the first <see cref="TileSum.Lanes"/> lanes exist; the rest is computed and thrown away.</summary>
internal readonly unsafe struct PartEnds<V, TEnds> : ITileEnds<V>
    where V : struct, ISimd<V>
    where TEnds : struct, ITileEnds<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => TEnds.Start(sum, i);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => TEnds.Finish(sum, i, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(in TileSum sum, V value, float* destination) => V.Store(value, destination, sum.Lanes);
}

/// <summary>Σ.</summary>
internal readonly unsafe struct PlainEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => value;
}

/// <summary>bias + Σ, a convolution.</summary>
internal readonly unsafe struct BiasEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => V.Load(sum.Initial);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => value;
}

/// <summary>max(bias + Σ, 0), a convolution with ReLU.</summary>
internal readonly unsafe struct ReluEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => V.Load(sum.Initial);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => V.Rectify(value);
}

/// <summary>bias + Σ, where that is not positive times a slope: a convolution with PReLU.</summary>
internal readonly unsafe struct PReluEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => V.Load(sum.Initial);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => V.PRelu(value, V.Load(sum.Slope));
}

/// <summary>Σ where the mask is positive, an input gradient through a ReLU.</summary>
internal readonly unsafe struct MaskEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => V.Where(V.Load(sum.Mask + (i * sum.EndStep)), value);
}

/// <summary>C + Σ, a weight gradient.</summary>
internal readonly unsafe struct AddEnds<V> : ITileEnds<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start(in TileSum sum, nint i) => V.Load(sum.Initial + (i * sum.EndStep));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish(in TileSum sum, nint i, V value) => value;
}

/// <summary>How sums start and finish; <see cref="Tiles"/> turns it into a type argument.</summary>
internal enum TileEnds
{
    Plain,
    Bias,
    Relu,
    PRelu,
    Mask,
    Add,
}
