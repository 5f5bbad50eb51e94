using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Srcnn.Kernels;

/// <summary>
/// A stride-1 'same' convolution by Winograd's F(4×4, r×r) in the streaming executor: n² small matrix products (tiles × C by C × K)
/// instead of r² per pixel. Tiles stand at multiples of 4 from the picture's corner, whatever the panel.
/// </summary>
internal sealed unsafe class WinogradRowOp<TForm, V> : IRowOp
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Tiles transformed at a time: two register blocks of the products, and the buffers fit a second-level cache.</summary>
    private const int TilesAtOnce = 24;

    private static readonly int N = TForm.Size;

    [ThreadStatic]
    private static Scratch? buffers;

    private readonly Conv2dGeometry geometry;
    private readonly Tensor weight, bias;
    private readonly bool relu;
    private readonly Scratch transformed = new();
    private readonly Unchanged unchanged = new();

    public WinogradRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no Winograd form F(4, {TForm.Taps})");
        (this.geometry, this.weight, this.bias, relu) = (geometry, weight, bias, activation == Activation.Relu);
    }

    public int OutChannels => geometry.OutChannels;

    public int Above => geometry.Padding.Top;

    public int Below => geometry.Padding.Bottom;

    public int Left => geometry.Padding.Left;

    public int Right => geometry.Padding.Right;

    public PaddingMode Mode => geometry.Padding.Mode;

    public int Step => 4;

    /// <summary>Whether the kernel has this form's size and the channels fill whole vectors.</summary>
    public static bool Suits(in Conv2dGeometry g) =>
        g.KernelSize == TForm.Taps && Conv2dRowOp.Suits(g) && g.InChannels % V.Width == 0 && g.OutChannels % V.Width == 0;

    private int InChannels => geometry.InChannels;

    private nint FilterLength => (nint)InChannels * OutChannels;

    public void Prepare()
    {
        if (unchanged.Holds(HostBackend.Elements(weight))) return;
        WinogradFilters.Transform<TForm>(HostBackend.Pointer(weight), TForm.Taps, (int)FilterLength, transformed.Rent(N * N * FilterLength));
    }

    public void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        for (var y = y0; y < y1; y += 4)
        for (var x = x0; x < x1; x += 4 * TilesAtOnce)
            Block(input, output, y, Math.Min(4, y1 - y), x, Math.Min(x1, x + (4 * TilesAtOnce)));
    }

    /// <summary>Up to four rows of columns [x0, x1).</summary>
    private void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int tiles = (x1 - x0 + 3) / 4, columns = (4 * tiles) + TForm.Taps - 1;
        nint rowLength = (nint)columns * InChannels, inTiles = (nint)tiles * InChannels, outTiles = (nint)tiles * OutChannels;
        var vertical = (buffers ??= new()).Rent((N * rowLength) + (N * N * (inTiles + outTiles)) + (4 * N * V.Width));
        float* spectra = vertical + (N * rowLength), products = spectra + (N * N * inTiles), half = products + (N * N * outTiles);

        var rows = stackalloc float*[N];
        for (var i = 0; i < N; i++) rows[i] = input.At(y - Above + i, x0 - Left);
        for (nint at = 0; at < rowLength; at += V.Width) TForm.Input<V, RowsSource<V>>(new(rows, at), vertical + at, rowLength);
        for (var i = 0; i < N; i++) Horizontal(vertical + (i * rowLength), tiles, spectra + (i * N * inTiles), inTiles);

        var filters = transformed.Rent(N * N * FilterLength);
        for (var ij = 0; ij < N * N; ij++)
        {
            float* a = spectra + (ij * inTiles), b = filters + (ij * FilterLength);
            Tiles.Run(
                new TileSum { A = &a, B = &b, Rows = 1, Terms = InChannels, AStep = InChannels, ATerm = 1, BTerm = OutChannels, C = products + (ij * outTiles), CStep = OutChannels },
                TileEnds.Plain, tiles, OutChannels);
        }
        for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0);
        WinogradOutput<TForm, V>.Run(products, outTiles, tiles, OutChannels, HostBackend.Pointer(bias), relu, half, rows, rowCount, x1 - x0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Horizontal(float* row, int tiles, float* spectra, nint step)
    {
        nint channels = InChannels;
        for (var tile = 0; tile < tiles; tile++)
        {
            for (nint c = 0; c < channels; c += V.Width)
                TForm.Input<V, StridedSource<V>>(new(row + c, channels), spectra + c, step);
            row += 4 * channels;
            spectra += channels;
        }
    }

    public void Dispose() => transformed.Dispose();
}

/// <summary>The filter transform, shared by the plain and the nested form.</summary>
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double factor, ReadOnlySpan<float> values, Span<double> sums)
    {
        for (var at = 0; at < values.Length; at++) sums[at] += factor * values[at];
    }
}

/// <summary>Remembers values, to tell whether what was made of them is still good.</summary>
internal sealed class Unchanged
{
    private float[] seen = [];

    /// <summary>Whether these are the values of the last call, bit for bit.</summary>
    public bool Holds(ReadOnlySpan<float> values)
    {
        if (MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(seen.AsSpan()))) return true;
        seen = values.ToArray();
        return false;
    }
}

/// <summary>The output transform with bias and ReLU, shared by the plain and the nested form.</summary>
internal static unsafe class WinogradOutput<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Products [n·n, tiles, K] → up to four output rows of <paramref name="columns"/> pixels. <paramref name="half"/> is scratch of 4·n vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* products, nint step, int tiles, nint outChannels, float* bias, bool relu, float* half, float** rows, int rowCount, int columns)
    {
        var n = TForm.Size;
        for (var tile = 0; tile < tiles; tile++)
        for (nint k = 0; k < outChannels; k += V.Width)
        {
            var source = products + (tile * outChannels) + k;
            for (var j = 0; j < n; j++)
            {
                TForm.Output<V, StridedSource<V>>(new(source + (j * step), n * step), out var h0, out var h1, out var h2, out var h3);
                V.Store(h0, half + (j * V.Width));
                V.Store(h1, half + ((n + j) * V.Width));
                V.Store(h2, half + (((2 * n) + j) * V.Width));
                V.Store(h3, half + (((3 * n) + j) * V.Width));
            }
            var start = V.Load(bias + k);
            var count = Math.Min(4, columns - (4 * tile));
            for (var row = 0; row < rowCount; row++)
            {
                TForm.Output<V, StridedSource<V>>(new(half + (row * n * V.Width), V.Width), out var y0, out var y1, out var y2, out var y3);
                (y0, y1, y2, y3) = (V.Add(y0, start), V.Add(y1, start), V.Add(y2, start), V.Add(y3, start));
                if (relu) (y0, y1, y2, y3) = (V.Rectify(y0), V.Rectify(y1), V.Rectify(y2), V.Rectify(y3));
                var pixel = rows[row] + (4 * tile * outChannels) + k;
                V.Store(y0, pixel);
                if (count > 1) V.Store(y1, pixel + outChannels);
                if (count > 2) V.Store(y2, pixel + (2 * outChannels));
                if (count > 3) V.Store(y3, pixel + (3 * outChannels));
            }
        }
    }
}
