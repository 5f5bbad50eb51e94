using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>A one-dimensional transform into n points, applied first to columns and then to rows.</summary>
internal unsafe interface IWinogradTransform
{
    static abstract int Inputs { get; }

    static abstract void Apply<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V>;
}

/// <summary>Bᵀ d, of a tile of inputs.</summary>
internal readonly unsafe struct WinogradInput<TForm> : IWinogradTransform
    where TForm : struct, IWinogradForm
{
    public static int Inputs => TForm.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V> => TForm.Input<V, TSource>(source, destination, step);
}

/// <summary>A y, of a tile of output gradients.</summary>
internal readonly unsafe struct WinogradOutputGrad<TForm> : IWinogradTransform
    where TForm : struct, IWinogradForm
{
    public static int Inputs => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<V, TSource>(TSource source, float* destination, nint step)
        where V : struct, ISimd<V>
        where TSource : struct, IWinogradSource<V> => TForm.OutputGrad<V, TSource>(source, destination, step);
}

/// <summary>The filter transform of inference, where it is made once for many pictures.</summary>
internal static unsafe class WinogradFilters
{
    /// <summary>transformed[i, j, ·] = Σ_rs G[i, r] G[j, s] weight[r, s, ·] in double; neighbouring taps of a row lie <paramref name="inner"/> apart, rows <paramref name="rowTaps"/> taps.</summary>
    public static void Transform<TForm>(float* weight, int rowTaps, int inner, float* transformed)
        where TForm : struct, IWinogradForm
    {
        int n = TForm.Size, taps = TForm.Taps;
        var sums = new double[inner];
        for (var i = 0; i < n; i++)
        for (var j = 0; j < n; j++)
        {
            Array.Clear(sums);
            for (var r = 0; r < taps; r++)
            for (var s = 0; s < taps; s++)
                Add(TForm.Filter(i, r) * TForm.Filter(j, s), new ReadOnlySpan<float>(weight + ((((nint)r * rowTaps) + s) * inner), inner), sums);
            for (var at = 0; at < inner; at++) transformed[(((nint)(i * n) + j) * inner) + at] = (float)sums[at];
        }
    }

    /// <summary>transformed[i, ·] = Σ_r G[i, r] weight[r, ·] in double, of <paramref name="inner"/> elements each: the transform of columns alone.</summary>
    public static void TransformColumns<TForm>(float* weight, int inner, float* transformed)
        where TForm : struct, IWinogradForm
    {
        var sums = new double[inner];
        for (var i = 0; i < TForm.Size; i++)
        {
            Array.Clear(sums);
            for (var r = 0; r < TForm.Taps; r++) Add(TForm.Filter(i, r), new ReadOnlySpan<float>(weight + ((nint)r * inner), inner), sums);
            for (var at = 0; at < inner; at++) transformed[((nint)i * inner) + at] = (float)sums[at];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double factor, ReadOnlySpan<float> values, Span<double> sums)
    {
        for (var at = 0; at < values.Length; at++) sums[at] += factor * values[at];
    }
}

/// <summary>The steps that all Winograd convolutions are made of. A tile's points are i (down) and j (across), its outputs 4×4.</summary>
internal static unsafe class WinogradSteps<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    private static readonly int N = TForm.Size, Taps = TForm.Taps;

    /// <summary>vertical[i, at] from the rows of one row of tiles, of <paramref name="length"/> elements each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Vertical<TTransform>(float** rows, nint length, float* vertical, nint step)
        where TTransform : struct, IWinogradTransform
    {
        for (nint at = 0; at < length; at += V.Width) TTransform.Apply<V, RowsSource<V>>(new(rows, at), vertical + at, step);
    }

    /// <summary>spectra[j, tile, c] from one row of columns; tiles start four columns apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Horizontal<TTransform>(float* row, int tiles, nint channels, float* spectra, nint step)
        where TTransform : struct, IWinogradTransform
    {
        for (var tile = 0; tile < tiles; tile++, row += 4 * channels, spectra += channels)
        for (nint c = 0; c < channels; c += V.Width)
            TTransform.Apply<V, StridedSource<V>>(new(row + c, channels), spectra + c, step);
    }

    /// <summary>products[j, tile, k] = Σ_c spectra[j, tile, c] · filters[j, c, k].</summary>
    public static void Products(float* spectra, nint step, int inChannels, float* filters, float* products, int tiles, int outChannels)
    {
        var a = stackalloc float*[N];
        var b = stackalloc float*[N];
        for (var j = 0; j < N; j++)
        {
            a[j] = spectra + (j * step);
            b[j] = filters + ((nint)j * inChannels * outChannels);
        }
        Tiles.Run(
            new TileSum
            {
                A = a, B = b, Rows = 1, Terms = inChannels, AStep = inChannels, ATerm = 1, BTerm = outChannels, C = products, CStep = outChannels,
                Repeats = N, ARepeat = 1, BRepeat = 1, CRepeat = (nint)tiles * outChannels,
            },
            TileEnds.Plain, tiles, outChannels);
    }

    /// <summary>half[q, at] = (Aᵀ products[·, at])[q]: the four columns of the outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HalfOutput(float* products, nint length, float* half)
    {
        for (nint at = 0; at < length; at += V.Width)
        {
            TForm.Output<V, StridedSource<V>>(new(products + at, length), out var h0, out var h1, out var h2, out var h3);
            V.Store(h0, half + at);
            V.Store(h1, half + length + at);
            V.Store(h2, half + (2 * length) + at);
            V.Store(h3, half + (3 * length) + at);
        }
    }

    /// <summary>
    /// Up to four output rows of <paramref name="columns"/> pixels from half[i, q, tile, k], whose columns q lie <paramref name="step"/>
    /// apart. A mask lies <paramref name="maskOffset"/> elements from the output; 0 is none.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Output(float* half, nint step, nint outChannels, float* bias, bool relu, nint maskOffset, float** rows, int rowCount, int columns)
    {
        for (var x = 0; x < columns; x++)
        for (nint k = 0; k < outChannels; k += V.Width)
        {
            var start = bias == null ? default : V.Load(bias + k);
            TForm.Output<V, StridedSource<V>>(new(half + ((x & 3) * step) + ((x >> 2) * outChannels) + k, 4 * step), out var y0, out var y1, out var y2, out var y3);
            var at = (x * outChannels) + k;
            Finish(y0, start, relu, maskOffset, rows[0] + at);
            if (rowCount > 1) Finish(y1, start, relu, maskOffset, rows[1] + at);
            if (rowCount > 2) Finish(y2, start, relu, maskOffset, rows[2] + at);
            if (rowCount > 3) Finish(y3, start, relu, maskOffset, rows[3] + at);
        }
    }

    /// <summary>filters[i, j, pair] = G weight Gᵀ for weight[r, s, pair], a few vectors at a time: far fewer pages are written to at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters(float* weight, nint pairs, float* filters)
    {
        nint chunk = 8 * V.Width;
        var columns = stackalloc float[N * Taps * (int)chunk];
        for (nint from = 0; from < pairs; from += chunk)
        {
            var count = Math.Min(chunk, pairs - from);
            for (var s = 0; s < Taps; s++)
            for (nint at = 0; at < count; at += V.Width)
                TForm.Filter<V, StridedSource<V>>(new(weight + (s * pairs) + from + at, Taps * pairs), columns + (s * chunk) + at, Taps * chunk);
            for (var i = 0; i < N; i++)
            for (nint at = 0; at < count; at += V.Width)
                TForm.Filter<V, StridedSource<V>>(new(columns + (i * Taps * chunk) + at, chunk), filters + (i * N * pairs) + from + at, pairs);
        }
    }

    /// <summary>half[s, pair] = (Gᵀ products[·, pair])[s].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HalfFilterGrad(float* products, nint pairs, float* half)
    {
        for (nint at = 0; at < pairs; at += V.Width) TForm.FilterGrad<V, StridedSource<V>>(new(products + at, pairs), half + at, pairs);
    }

    /// <summary>weightGrad[r, s, pair] += Σ_i G[i, r] half[i, s, pair].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddFilterGrad(float* half, nint pairs, float* weightGrad)
    {
        var column = stackalloc float[Taps * V.Width];
        for (var s = 0; s < Taps; s++)
        for (nint at = s * pairs; at < (s + 1) * pairs; at += V.Width)
        {
            TForm.FilterGrad<V, StridedSource<V>>(new(half + at, Taps * pairs), column, V.Width);
            for (var r = 0; r < Taps; r++)
            {
                var to = weightGrad + (r * Taps * pairs) + at;
                V.Store(V.Add(V.Load(to), V.Load(column + (r * V.Width))), to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V value, V start, bool relu, nint maskOffset, float* output)
    {
        value = V.Add(value, start);
        if (relu) value = V.Rectify(value);
        if (maskOffset != 0) value = V.Where(V.Load(output + maskOffset), value);
        V.Store(value, output);
    }
}
