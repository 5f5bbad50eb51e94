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
internal readonly unsafe struct OutputSink<V>(float** rows, int rowCount, nint offset, int lanes, V bias, bool relu, bool leaks, V slope, nint maskOffset) : IWinogradSink<V>
    where V : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Put(int i, V value)
    {
        if (i >= rowCount) return;
        var to = rows[i] + offset;
        value = V.Add(value, bias);
        if (relu) value = V.Rectify(value);
        if (leaks) value = V.PRelu(value, slope);
        if (maskOffset != 0) value = V.Where(V.Load(to + maskOffset), value);
        if (lanes >= V.Width) V.Store(value, to);
        else V.Store(value, to, lanes);
    }
}

/// <summary>What becomes of a convolution's sums before they are stored.</summary>
/// <param name="bias">Added; null adds nothing.</param>
/// <param name="relu">Whether a ReLU follows.</param>
/// <param name="slope">A PReLU's slopes; null is none.</param>
/// <param name="slopeStep">0 where one slope serves all channels, else 1.</param>
/// <param name="mask">Where it is not positive, outputs become 0; laid out as the output; null is none.</param>
internal readonly unsafe struct WinogradEnd(float* bias, bool relu = false, float* slope = null, int slopeStep = 0, float* mask = null)
{
    public WinogradEnd(float* bias, Activation activation)
        : this(bias, activation.IsRelu, activation.Slope is null ? null : HostBackend.Pointer(activation.Slope), activation.Slope?.Shape.Length > 1 ? 1 : 0)
    {
    }

    public bool Relu => relu;

    public bool Leaks => slope != null;

    /// <summary>The same for the outputs from element <paramref name="offset"/> on, whole pixels.</summary>
    public WinogradEnd From(nint offset) => new(bias, relu, slope, slopeStep, mask == null ? null : mask + offset);

    /// <summary>Elements from <paramref name="output"/> to its mask; 0 without one.</summary>
    public nint MaskOffset(float* output) => mask == null ? 0 : (nint)(mask - output);

    /// <summary>The biases from channel <paramref name="k"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Bias<V>(nint k)
        where V : struct, ISimd<V> => bias == null ? default : V.Load(bias + k);

    /// <summary>The slopes from channel <paramref name="k"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Slope<V>(nint k)
        where V : struct, ISimd<V> => slope == null ? default : slopeStep == 0 ? V.Broadcast(slope) : V.Load(slope + k);
}
