using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

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

/// <summary>Where a transform leaves its i-th result.</summary>
internal interface IWinogradSink<V>
{
    void Put(int i, V value);
}

/// <summary>Results at equal distances.</summary>
internal readonly unsafe struct StridedSink<V>(float* start, nint step) : IWinogradSink<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int i, V value) => V.Store(value, start + (i * step));
}

/// <summary>Results added at equal distances, of which <paramref name="lanes"/> lanes exist.</summary>
internal readonly unsafe struct AddSink<V>(float* start, nint step, int lanes) : IWinogradSink<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int i, V value)
    {
        var to = start + (i * step);
        value = V.Add(V.Load(to), value);
        if (lanes >= V.Width) V.Store(value, to);
        else V.Store(value, to, lanes);
    }
}

/// <summary>Results at one offset of different rows, the first <paramref name="rowCount"/> of which exist, and <paramref name="lanes"/> lanes: a convolution's outputs.</summary>
internal readonly unsafe struct OutputSink<V>(float** rows, int rowCount, nint offset, int lanes, V bias, bool relu, nint maskOffset) : IWinogradSink<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int i, V value)
    {
        if (i >= rowCount) return;
        var to = rows[i] + offset;
        value = V.Add(value, bias);
        if (relu) value = V.Rectify(value);
        if (maskOffset != 0) value = V.Where(V.Load(to + maskOffset), value);
        if (lanes >= V.Width) V.Store(value, to);
        else V.Store(value, to, lanes);
    }
}
