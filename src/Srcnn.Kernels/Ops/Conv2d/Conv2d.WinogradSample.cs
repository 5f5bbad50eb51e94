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
    /// <summary>One sample of <paramref name="outputShape"/> from <paramref name="input"/>.</summary>
    void Forward(ZeroPlane input, float* weight, WinogradEnd end, float* output, Shape outputShape);

    /// <summary>Adds the weights' gradient for an output gradient of [height, width, K].</summary>
    void BackwardWeight(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad);
}

/// <summary>
/// F(m×m, r×r) over bands of tiles, one row i of the transformed tiles after the other: its n matrices of tiles × channels stay near, and
/// the filters are read once per band. A training patch is one to three bands.
/// </summary>
internal sealed unsafe class WinogradSample<TForm, V> : IWinogradSample
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Bytes of a band's transformed tiles: what a second-level cache holds beside the filters, and enough tiles to reuse each of those.</summary>
    private const int BytesPerBand = 768 * 1024;

    [ThreadStatic]
    private static Scratch? memory, filterMemory;

    public static WinogradSample<TForm, V> Instance { get; } = new();

    private static int N => WinogradPoints<TForm, V>.Count;

    private static int Outputs => TForm.Outputs;

    private static int Taps => TForm.Taps;

    public void Forward(ZeroPlane input, float* weight, WinogradEnd end, float* output, Shape outputShape)
    {
        nint pairs = input.Channels * outputShape.C, filterStep = Vectors(pairs);
        var filters = (filterMemory ??= new()).Rent(N * N * filterStep);
        WinogradSteps<TForm, V>.Filters(weight, pairs, Taps * pairs, filters, filterStep);
        var band = RowsPerBand(outputShape, input.Channels);
        for (var y = 0; y < outputShape.H; y += band)
        {
            var offset = (nint)y * outputShape.W * outputShape.C;
            Forward(input.From(y), filters, filterStep, end.From(offset), output + offset, outputShape with { H = Math.Min(band, outputShape.H - y) });
        }
    }

    public void BackwardWeight(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        var band = RowsPerBand(gradShape, input.Channels);
        for (var y = 0; y < gradShape.H; y += band)
            BackwardWeightOfBand(input.From(y), outputGrad + ((nint)y * gradShape.W * gradShape.C), gradShape with { H = Math.Min(band, gradShape.H - y) }, weightGrad);
    }

    /// <summary>Bands as equal as can be.</summary>
    private static int RowsPerBand(Shape outputs, nint inChannels)
    {
        int across = TilesAlong(outputs.W), down = TilesAlong(outputs.H);
        var row = across * N * (Outputs + 1) * (inChannels + outputs.C) * sizeof(float);
        var bands = (int)Math.Clamp(((down * row) + BytesPerBand - 1) / BytesPerBand, 1, down);
        return Outputs * ((down + bands - 1) / bands);
    }

    private static void Forward(ZeroPlane input, float* filters, nint filterStep, in WinogradEnd end, float* output, Shape shape)
    {
        int across = TilesAlong(shape.W), down = TilesAlong(shape.H), tiles = across * down, columns = (Outputs * across) + Taps - 1;
        nint outChannels = shape.C, rowStep = Room(columns * input.Channels), inStep = Room(tiles * input.Channels), outStep = Vectors(tiles * outChannels);
        var vertical = (memory ??= new()).Rent((down * N * rowStep) + (N * inStep) + (N * outStep) + (N * Outputs * outStep));
        float* spectra = vertical + (down * N * rowStep), products = spectra + (N * inStep), half = products + (N * outStep);

        Vertical<WinogradInput<TForm, V>>(input, down, columns, rowStep, vertical);
        for (var i = 0; i < N; i++)
        {
            Horizontal<WinogradInput<TForm, V>>(vertical, i, across, down, rowStep, input.Channels, spectra, inStep);
            WinogradSteps<TForm, V>.Products(spectra, inStep, (int)input.Channels, filters + (i * N * filterStep), filterStep, products, outStep, tiles, shape.C);
            WinogradSteps<TForm, V>.HalfOutput(products, outStep, half + (i * Outputs * outStep));
        }
        Output(half, outStep, end, output, shape);
    }

    private static void BackwardWeightOfBand(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        int across = TilesAlong(gradShape.W), down = TilesAlong(gradShape.H), tiles = across * down, columns = (Outputs * across) + Taps - 1;
        nint channels = input.Channels, outChannels = gradShape.C, pairs = channels * outChannels, pairStep = Vectors(pairs);
        nint rowStep = Room(columns * channels), gradRowStep = Room(Outputs * across * outChannels), inStep = Room(tiles * channels), outStep = Room(tiles * outChannels);
        var vertical = (memory ??= new()).Rent((down * N * (rowStep + gradRowStep)) + (N * (inStep + outStep + pairStep)) + (N * Taps * pairStep));
        float* gradVertical = vertical + (down * N * rowStep), spectra = gradVertical + (down * N * gradRowStep), gradSpectra = spectra + (N * inStep);
        float* products = gradSpectra + (N * outStep), half = products + (N * pairStep);

        Vertical<WinogradInput<TForm, V>>(input, down, columns, rowStep, vertical);
        Vertical<WinogradOutputGrad<TForm, V>>(new(outputGrad, gradShape, 0, 0), down, Outputs * across, gradRowStep, gradVertical);
        var a = stackalloc float*[N];
        var b = stackalloc float*[N];
        for (var j = 0; j < N; j++)
        {
            a[j] = spectra + (j * inStep);
            b[j] = gradSpectra + (j * outStep);
        }
        for (var i = 0; i < N; i++)
        {
            Horizontal<WinogradInput<TForm, V>>(vertical, i, across, down, rowStep, channels, spectra, inStep);
            Horizontal<WinogradOutputGrad<TForm, V>>(gradVertical, i, across, down, gradRowStep, outChannels, gradSpectra, outStep);
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = 1, Terms = tiles, AStep = 1, ATerm = channels, BTerm = outChannels, C = products, CStep = outChannels,
                    Repeats = N, ARepeat = 1, BRepeat = 1, CRepeat = pairStep,
                },
                TileEnds.Plain, (int)channels, (int)outChannels);
            WinogradSteps<TForm, V>.HalfFilterGrad(products, pairStep, half + (i * Taps * pairStep));
        }
        WinogradSteps<TForm, V>.AddFilterGrad(half, pairStep, pairs, weightGrad, Taps * pairs);
    }

    /// <summary>vertical[ty, i, x, c]: the transform of every column of every row of tiles.</summary>
    internal static void Vertical<TTransform>(in ZeroPlane plane, int down, int columns, nint rowStep, float* vertical)
        where TTransform : struct, IWinogradTransform<TForm, V>
    {
        nint channels = plane.Channels, length = columns * channels, start = plane.Left * channels;
        var real = Math.Min(plane.Width * channels, length - start);
        var zeros = stackalloc float[(int)Vectors(plane.Width * channels)];
        var rows = stackalloc float*[TTransform.Inputs];
        for (var ty = 0; ty < down; ty++)
        {
            for (var i = 0; i < TTransform.Inputs; i++) rows[i] = plane.Row((Outputs * ty) + i, zeros);
            WinogradSteps<TForm, V>.Vertical<TTransform>(rows, real, vertical + start, rowStep);
            for (var i = 0; i < N; i++, vertical += rowStep)
            {
                new Span<float>(vertical, (int)start).Clear();
                new Span<float>(vertical + start + real, (int)(length - start - real)).Clear();
            }
        }
    }

    /// <summary>spectra[j, tile, c] of row <paramref name="i"/>.</summary>
    internal static void Horizontal<TTransform>(float* vertical, int i, int across, int down, nint rowStep, nint channels, float* spectra, nint step)
        where TTransform : struct, IWinogradTransform<TForm, V>
    {
        for (var ty = 0; ty < down; ty++)
            WinogradSteps<TForm, V>.Horizontal<TTransform>(vertical + (((ty * N) + i) * rowStep), across, channels, spectra + (ty * across * channels), step);
    }

    /// <summary>The outputs of <paramref name="shape"/> from half[i, q, tile, k], planes of <paramref name="step"/> elements.</summary>
    internal static void Output(float* half, nint step, in WinogradEnd end, float* output, Shape shape)
    {
        nint row = shape.W * shape.C, tileRow = TilesAlong(shape.W) * shape.C;
        var rows = stackalloc float*[Outputs];
        for (var y = 0; y < shape.H; y += Outputs, half += tileRow)
        {
            for (var i = 0; i < Outputs; i++) rows[i] = output + ((y + i) * row);
            WinogradSteps<TForm, V>.Output(half, step, Outputs, shape.C, end.From(y * row), rows, Math.Min(Outputs, shape.H - y), shape.W);
        }
    }

    private static int TilesAlong(int outputs) => (outputs + Outputs - 1) / Outputs;

    /// <summary>Rounded up to whole vectors.</summary>
    private static nint Vectors(nint length) => (length + V.Width - 1) / V.Width * V.Width;

    /// <summary>The same with room for a vector that begins before the end.</summary>
    private static nint Room(nint length) => Vectors(length + V.Width - 1);
}
