namespace Srcnn.Kernels;

/// <summary>A sample that is surrounded by zeros, the first of its pixels at (top, left).</summary>
internal readonly unsafe struct ZeroPlane(float* pixels, Shape shape, int top, int left)
{
    public int Left => left;

    public int Width => shape.W;

    public nint Channels => shape.C;

    /// <summary>The same from row <paramref name="y"/> on.</summary>
    public ZeroPlane From(int y) => new(pixels, shape, top - y, left);

    /// <summary>Row <paramref name="y"/> from its first pixel on, or <paramref name="zeros"/> outside.</summary>
    public float* Row(int y, float* zeros) => (uint)(y - top) < (uint)shape.H ? pixels + ((nint)(y - top) * shape.W * shape.C) : zeros;
}

/// <summary>The passes of a stride-1 convolution over one sample by Winograd's minimal filtering.</summary>
internal unsafe interface IWinogradSample
{
    /// <summary>One sample of <paramref name="outputShape"/> from <paramref name="input"/>; <paramref name="bias"/> and <paramref name="mask"/> (of the output's layout) may be null.</summary>
    void Forward(ZeroPlane input, float* weight, float* bias, bool relu, float* mask, float* output, Shape outputShape);

    /// <summary>Adds the weights' gradient for an output gradient of [height, width, K].</summary>
    void BackwardWeight(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad);
}

/// <summary>
/// F(4×4, r×r) over bands of tiles, one row i of the transformed tiles after the other: its n matrices of tiles × channels stay near, and
/// the filters are read once per band. A training patch is one to three bands.
/// </summary>
internal sealed unsafe class WinogradSample<TForm, V> : IWinogradSample
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Tiles of a band: what the buffers of a second-level cache hold, and enough to reuse each filter.</summary>
    private const int TilesPerBand = 48;

    [ThreadStatic]
    private static Scratch? memory, filterMemory;

    private static readonly int N = TForm.Size, Taps = TForm.Taps;

    public static WinogradSample<TForm, V> Instance { get; } = new();

    public void Forward(ZeroPlane input, float* weight, float* bias, bool relu, float* mask, float* output, Shape outputShape)
    {
        var pairs = input.Channels * outputShape.C;
        var filters = (filterMemory ??= new()).Rent(N * N * pairs);
        WinogradSteps<TForm, V>.Filters(weight, pairs, filters);
        var band = RowsPerBand(outputShape);
        for (var y = 0; y < outputShape.H; y += band)
        {
            var offset = (nint)y * outputShape.W * outputShape.C;
            Forward(input.From(y), filters, bias, relu, mask == null ? null : mask + offset, output + offset, Math.Min(band, outputShape.H - y), outputShape.W, outputShape.C);
        }
    }

    public void BackwardWeight(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        var band = RowsPerBand(gradShape);
        for (var y = 0; y < gradShape.H; y += band)
            BackwardWeightOfBand(input.From(y), outputGrad + ((nint)y * gradShape.W * gradShape.C), gradShape with { H = Math.Min(band, gradShape.H - y) }, weightGrad);
    }

    /// <summary>Bands as equal as can be.</summary>
    private static int RowsPerBand(Shape outputs)
    {
        int across = (outputs.W + 3) / 4, down = (outputs.H + 3) / 4;
        var bands = Math.Max(1, ((across * down) + TilesPerBand - 1) / TilesPerBand);
        return 4 * Math.Max(1, (down + bands - 1) / bands);
    }

    private static void Forward(ZeroPlane input, float* filters, float* bias, bool relu, float* mask, float* output, int height, int width, int outChannels)
    {
        int across = (width + 3) / 4, down = (height + 3) / 4, tiles = across * down, columns = (4 * across) + Taps - 1;
        nint inTiles = tiles * input.Channels, outTiles = (nint)tiles * outChannels, pairs = input.Channels * outChannels;
        var vertical = (memory ??= new()).Rent((down * N * columns * input.Channels) + (N * inTiles) + (N * outTiles) + (N * 4 * outTiles));
        float* spectra = vertical + (down * N * columns * input.Channels), products = spectra + (N * inTiles), half = products + (N * outTiles);

        Vertical<WinogradInput<TForm>>(input, down, columns, vertical);
        for (var i = 0; i < N; i++)
        {
            Horizontal<WinogradInput<TForm>>(vertical, i, across, down, columns, input.Channels, spectra);
            WinogradSteps<TForm, V>.Products(spectra, inTiles, (int)input.Channels, filters + (i * N * pairs), products, tiles, outChannels);
            WinogradSteps<TForm, V>.HalfOutput(products, outTiles, half + (i * 4 * outTiles));
        }
        var rows = stackalloc float*[4];
        for (var ty = 0; ty < down; ty++)
        {
            for (var row = 0; row < 4; row++) rows[row] = output + ((nint)((4 * ty) + row) * width * outChannels);
            WinogradSteps<TForm, V>.Output(half + ((nint)ty * across * outChannels), outTiles, outChannels, bias, relu, mask == null ? 0 : (nint)(mask - output), rows, Math.Min(4, height - (4 * ty)), width);
        }
    }

    private static void BackwardWeightOfBand(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        int across = (gradShape.W + 3) / 4, down = (gradShape.H + 3) / 4, tiles = across * down, columns = (4 * across) + Taps - 1;
        nint channels = input.Channels, outChannels = gradShape.C, inTiles = tiles * channels, outTiles = tiles * outChannels, pairs = channels * outChannels;
        nint verticalLength = down * N * columns * channels, gradLength = down * N * 4 * across * outChannels;
        var vertical = (memory ??= new()).Rent(verticalLength + gradLength + (N * (inTiles + outTiles + pairs)) + (N * Taps * pairs));
        float* gradVertical = vertical + verticalLength, spectra = gradVertical + gradLength, gradSpectra = spectra + (N * inTiles);
        float* products = gradSpectra + (N * outTiles), half = products + (N * pairs);

        Vertical<WinogradInput<TForm>>(input, down, columns, vertical);
        Vertical<WinogradOutputGrad<TForm>>(new(outputGrad, gradShape, 0, 0), down, 4 * across, gradVertical);
        var a = stackalloc float*[N];
        var b = stackalloc float*[N];
        for (var j = 0; j < N; j++)
        {
            a[j] = spectra + (j * inTiles);
            b[j] = gradSpectra + (j * outTiles);
        }
        for (var i = 0; i < N; i++)
        {
            Horizontal<WinogradInput<TForm>>(vertical, i, across, down, columns, channels, spectra);
            Horizontal<WinogradOutputGrad<TForm>>(gradVertical, i, across, down, 4 * across, outChannels, gradSpectra);
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = 1, Terms = tiles, AStep = 1, ATerm = channels, BTerm = outChannels, C = products, CStep = outChannels,
                    Repeats = N, ARepeat = 1, BRepeat = 1, CRepeat = pairs,
                },
                TileEnds.Plain, (int)channels, (int)outChannels);
            WinogradSteps<TForm, V>.HalfFilterGrad(products, pairs, half + (i * Taps * pairs));
        }
        WinogradSteps<TForm, V>.AddFilterGrad(half, pairs, weightGrad);
    }

    /// <summary>vertical[ty, i, x, c]: the transform of every column of every row of tiles.</summary>
    private static void Vertical<TTransform>(in ZeroPlane plane, int down, int columns, float* vertical)
        where TTransform : struct, IWinogradTransform
    {
        nint channels = plane.Channels, length = columns * channels, start = plane.Left * channels;
        var real = Math.Min(plane.Width * channels, length - start);
        var zeros = stackalloc float[(int)(plane.Width * channels)];
        var rows = stackalloc float*[TTransform.Inputs];
        for (var ty = 0; ty < down; ty++)
        {
            for (var i = 0; i < TTransform.Inputs; i++) rows[i] = plane.Row((4 * ty) + i, zeros);
            WinogradSteps<TForm, V>.Vertical<TTransform>(rows, real, vertical + start, length);
            for (var i = 0; i < N; i++, vertical += length)
            {
                new Span<float>(vertical, (int)start).Clear();
                new Span<float>(vertical + start + real, (int)(length - start - real)).Clear();
            }
        }
    }

    /// <summary>spectra[j, tile, c] of row <paramref name="i"/>.</summary>
    private static void Horizontal<TTransform>(float* vertical, int i, int across, int down, int columns, nint channels, float* spectra)
        where TTransform : struct, IWinogradTransform
    {
        for (var ty = 0; ty < down; ty++)
            WinogradSteps<TForm, V>.Horizontal<TTransform>(vertical + (((ty * N) + i) * columns * channels), across, channels, spectra + (ty * across * channels), down * across * channels);
    }
}
