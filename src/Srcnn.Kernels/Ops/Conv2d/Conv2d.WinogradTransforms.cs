using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

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
