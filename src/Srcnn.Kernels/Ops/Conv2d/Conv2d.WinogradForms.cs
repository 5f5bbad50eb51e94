using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// One-dimensional minimal filtering F(4, r) (Winograd 1980; Lavin and Gray, arXiv:1509.09308): four outputs of an r-tap filter from
/// n = r + 3 inputs with n multiplications, y = Aᵀ[(G g) ⊙ (Bᵀ d)]. Applied to rows and columns it makes F(4×4, r×r).
/// </summary>
internal unsafe interface IWinogradForm
{
    /// <summary>Taps of the filter, r.</summary>
    static abstract int Taps { get; }

    /// <summary>Inputs and multiplications, n = r + 3.</summary>
    static abstract int Size { get; }

    /// <summary>Row i of G, the filter transform.</summary>
    static abstract double Filter(int i, int tap);

    /// <summary>destination[i·step] = (Bᵀ d)[i] for d[i] = source(i), lanes side by side.</summary>
    static abstract void Input<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;

    /// <summary>The four outputs Aᵀ m for m[i] = source(i).</summary>
    static abstract void Output<V, TSource>(TSource source, out V y0, out V y1, out V y2, out V y3)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;

    /// <summary>destination[i·step] = (G g)[i] for g[tap] = source(tap).</summary>
    static abstract void Filter<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;

    /// <summary>destination[tap·step] = (Gᵀ m)[tap] for m[i] = source(i): the way back of a filter's gradient.</summary>
    static abstract void FilterGrad<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;

    /// <summary>destination[i·step] = (A y)[i] for y[q] = source(q), q &lt; 4: the way in of an output's gradient.</summary>
    static abstract void OutputGrad<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;
}

/// <summary>Where a transform reads its i-th operand.</summary>
internal interface IWinogradSource<V>
{
    V this[int i] { get; }
}

/// <summary>Operands at equal distances.</summary>
internal readonly unsafe struct StridedSource<V>(float* start, nint step) : IWinogradSource<V>
    where V : struct, ISimd<V>
{
    public V this[int i]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Load(start + (i * step));
    }
}

/// <summary>Operands in different rows at one offset.</summary>
internal readonly unsafe struct RowsSource<V>(float** rows, nint offset) : IWinogradSource<V>
    where V : struct, ISimd<V>
{
    public V this[int i]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => V.Load(rows[i] + offset);
    }
}
