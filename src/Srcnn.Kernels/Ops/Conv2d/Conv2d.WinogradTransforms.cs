using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>A one-dimensional transform into n points, applied first to columns and then to rows.</summary>
internal interface IWinogradTransform<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    static abstract int Inputs { get; }

    static abstract void Apply<TSource>(TSource source, StridedSink<V> sink)
        where TSource : struct, IWinogradSource<V>;
}

/// <summary>Bᵀ d, of a tile of inputs.</summary>
internal readonly struct WinogradInput<TForm, V> : IWinogradTransform<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    public static int Inputs => WinogradPoints<TForm, V>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<TSource>(TSource source, StridedSink<V> sink)
        where TSource : struct, IWinogradSource<V> => WinogradPoints<TForm, V>.Input(source, sink);
}

/// <summary>A y, of a tile of output gradients.</summary>
internal readonly struct WinogradOutputGrad<TForm, V> : IWinogradTransform<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    public static int Inputs => TForm.Outputs;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<TSource>(TSource source, StridedSink<V> sink)
        where TSource : struct, IWinogradSource<V> => WinogradPoints<TForm, V>.OutputGrad(source, sink);
}

/// <summary>The filter transform of inference, where it is made once for many pictures.</summary>
internal static unsafe class WinogradFilters
{
    /// <summary>transformed[i, j, ·] = Σ_rs G[i, r] G[j, s] weight[r, s, ·] in double; neighbouring taps of a row lie <paramref name="inner"/> apart, rows <paramref name="rowTaps"/> taps.</summary>
    public static void Transform<TDown, TAcross, V>(float* weight, int rowTaps, int inner, float* transformed)
        where TDown : struct, IWinogradForm
        where TAcross : struct, IWinogradForm
        where V : struct, ISimd<V>
    {
        var sums = new double[inner];
        for (var i = 0; i < WinogradPoints<TDown, V>.Count; i++)
        for (var j = 0; j < WinogradPoints<TAcross, V>.Count; j++, transformed += inner)
        {
            Array.Clear(sums);
            for (var r = 0; r < TDown.Taps; r++)
            for (var s = 0; s < TAcross.Taps; s++)
                Add(WinogradPoints<TDown, V>.Filter(i, r) * WinogradPoints<TAcross, V>.Filter(j, s), new ReadOnlySpan<float>(weight + ((((nint)r * rowTaps) + s) * inner), inner), sums);
            for (var at = 0; at < inner; at++) transformed[at] = (float)sums[at];
        }
    }

    /// <summary>transformed[i, ·] = Σ_r G[i, r] weight[r, ·] in double, of <paramref name="inner"/> elements each: the transform of columns alone.</summary>
    public static void TransformColumns<TForm, V>(float* weight, int inner, float* transformed)
        where TForm : struct, IWinogradForm
        where V : struct, ISimd<V>
    {
        var sums = new double[inner];
        for (var i = 0; i < WinogradPoints<TForm, V>.Count; i++)
        {
            Array.Clear(sums);
            for (var r = 0; r < TForm.Taps; r++) Add(WinogradPoints<TForm, V>.Filter(i, r), new ReadOnlySpan<float>(weight + ((nint)r * inner), inner), sums);
            for (var at = 0; at < inner; at++) transformed[((nint)i * inner) + at] = (float)sums[at];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double factor, ReadOnlySpan<float> values, Span<double> sums)
    {
        for (var at = 0; at < values.Length; at++) sums[at] += factor * values[at];
    }
}

/// <summary>
/// The steps that all Winograd convolutions are made of. A tile's points are i (down) and j (across), its outputs m×m. Channels need not fill
/// vectors: what a step writes past the end of its data is overwritten by what follows, or lies in room that the caller leaves behind each plane.
/// </summary>
internal static unsafe class WinogradSteps<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>
    /// Not inlined: in a caller that takes several of them the JIT's budget for inlining runs out, and every multiply–add of the last ones becomes a call.
    /// A step of training took a third longer.
    /// </summary>
    private const MethodImplOptions Loop = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    private static int N => WinogradPoints<TForm, V>.Count;

    private static int Taps => TForm.Taps;

    private static int Outputs => TForm.Outputs;

    /// <summary>vertical[i, at] from the rows of one row of tiles, of <paramref name="length"/> elements each, rounded up to vectors.</summary>
    [MethodImpl(Loop)]
    public static void Vertical<TTransform>(float** rows, nint length, float* vertical, nint step)
        where TTransform : struct, IWinogradTransform<TForm, V>
    {
        for (nint at = 0; at < length; at += V.Width) TTransform.Apply(new RowsSource<V>(rows, at), new StridedSink<V>(vertical + at, step));
    }

    /// <summary>spectra[j, tile, c] from one row of columns; tiles start m columns apart. The last tile may need a vector more of room.</summary>
    [MethodImpl(Loop)]
    public static void Horizontal<TTransform>(float* row, int tiles, nint channels, float* spectra, nint step)
        where TTransform : struct, IWinogradTransform<TForm, V>
    {
        for (var tile = 0; tile < tiles; tile++, row += Outputs * channels, spectra += channels)
        for (nint c = 0; c < channels; c += V.Width)
            TTransform.Apply(new StridedSource<V>(row + c, channels), new StridedSink<V>(spectra + c, step));
    }

    /// <summary>spectra[j, x] at every column x of a row of one channel, <paramref name="length"/> of them, whole vectors; lanes run along the row.</summary>
    [MethodImpl(Loop)]
    public static void Everywhere(float* row, nint length, float* spectra)
    {
        for (nint x = 0; x < length; x += V.Width) WinogradPoints<TForm, V>.Input(new StridedSource<V>(row + x, 1), new StridedSink<V>(spectra + x, length));
    }

    /// <summary>products[j, tile, k] = Σ_c spectra[j, tile, c] · filters[j, c, k]; steps lead from one j to the next.</summary>
    public static void Products(float* spectra, nint step, int inChannels, float* filters, nint filterStep, float* products, nint productStep, int tiles, int outChannels)
    {
        var a = stackalloc float*[N];
        var b = stackalloc float*[N];
        for (var j = 0; j < N; j++)
        {
            a[j] = spectra + (j * step);
            b[j] = filters + (j * filterStep);
        }
        Tiles.Run(
            new TileSum
            {
                A = a, B = b, Rows = 1, Terms = inChannels, AStep = inChannels, ATerm = 1, BTerm = outChannels, C = products, CStep = outChannels,
                Repeats = N, ARepeat = 1, BRepeat = 1, CRepeat = productStep,
            },
            TileEnds.Plain, tiles, outChannels);
    }

    /// <summary>half[q, at] = (Aᵀ products[·, at])[q]: the m columns of the outputs. Planes are <paramref name="length"/> long, whole vectors.</summary>
    [MethodImpl(Loop)]
    public static void HalfOutput(float* products, nint length, float* half)
    {
        for (nint at = 0; at < length; at += V.Width) WinogradPoints<TForm, V>.Output(new StridedSource<V>(products + at, length), new StridedSink<V>(half + at, length));
    }

    /// <summary>
    /// Up to m output rows of <paramref name="columns"/> pixels from half[i, q, tile, k], whose <paramref name="across"/> columns q lie
    /// <paramref name="step"/> apart.
    /// </summary>
    [MethodImpl(Loop)]
    public static void Output(float* half, nint step, int across, nint outChannels, in WinogradEnd end, float** rows, int rowCount, int columns)
    {
        var (relu, leaks, maskOffset) = (end.Relu, end.Leaks, end.MaskOffset(rows[0]));
        for (var x = 0; x < columns; half += outChannels)
        for (var q = 0; q < across && x < columns; q++, x++)
        for (nint k = 0; k < outChannels; k += V.Width)
        {
            WinogradPoints<TForm, V>.Output(
                new StridedSource<V>(half + (q * step) + k, across * step),
                new OutputSink<V>(rows, rowCount, (x * outChannels) + k, (int)(outChannels - k), end.Bias<V>(k), relu, leaks, end.Slope<V>(k), maskOffset));
        }
    }

    /// <summary>
    /// filters[i, j, pair] = G weight Gᵀ for weight[r, s, pair], whose rows r lie <paramref name="rowStep"/> apart; a few vectors at a time: far
    /// fewer pages are written to at once.
    /// </summary>
    [MethodImpl(Loop)]
    [SkipLocalsInit] // clearing the columns took 3 % of a 9×9 layer's forward pass
    public static void Filters(float* weight, nint pairs, nint rowStep, float* filters, nint step)
    {
        nint chunk = 8 * V.Width;
        var columns = stackalloc float[N * Taps * (int)chunk];
        for (nint from = 0; from < pairs; from += chunk)
        {
            var count = Math.Min(chunk, pairs - from);
            for (var s = 0; s < Taps; s++)
            for (nint at = 0; at < count; at += V.Width)
                WinogradPoints<TForm, V>.Filter(new StridedSource<V>(weight + (s * pairs) + from + at, rowStep), new StridedSink<V>(columns + (s * chunk) + at, Taps * chunk));
            for (var i = 0; i < N; i++)
            for (nint at = 0; at < count; at += V.Width)
                WinogradPoints<TForm, V>.Filter(new StridedSource<V>(columns + (i * Taps * chunk) + at, chunk), new StridedSink<V>(filters + (i * N * step) + from + at, step));
        }
    }

    /// <summary>half[s, pair] = (Gᵀ products[·, pair])[s]. Planes are <paramref name="length"/> long, whole vectors.</summary>
    [MethodImpl(Loop)]
    public static void HalfFilterGrad(float* products, nint length, float* half)
    {
        for (nint at = 0; at < length; at += V.Width) WinogradPoints<TForm, V>.FilterGrad(new StridedSource<V>(products + at, length), new StridedSink<V>(half + at, length));
    }

    /// <summary>weightGrad[r, s, pair] += Σ_i G[i, r] half[i, s, pair]; rows r of the gradient lie <paramref name="rowStep"/> apart.</summary>
    [MethodImpl(Loop)]
    public static void AddFilterGrad(float* half, nint step, nint pairs, float* weightGrad, nint rowStep)
    {
        for (var s = 0; s < Taps; s++, half += step, weightGrad += pairs)
        for (nint at = 0; at < pairs; at += V.Width)
            WinogradPoints<TForm, V>.FilterGrad(new StridedSource<V>(half + at, Taps * step), new AddSink<V>(weightGrad + at, rowStep, (int)(pairs - at)));
    }
}
