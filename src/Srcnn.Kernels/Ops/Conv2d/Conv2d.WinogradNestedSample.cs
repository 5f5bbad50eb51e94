namespace Srcnn.Kernels;

/// <summary>
/// Forward pass and weight gradient of a 9×9 convolution of a one-channel sample as nine 3×3 ones (see <see cref="WinogradNestedRowOp{V}"/>).
/// The picture's transform is taken at every column of every row that a tile starts at under one of the three shifts.
/// </summary>
internal sealed unsafe class WinogradNestedSample<TForm, V> : IWinogradSample
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    private const int Groups = 3, Kernel = 9;

    /// <summary>Tiles of a band: what the buffers of a second-level cache hold; a patch of 33² is one band of F(5×5).</summary>
    private const int TilesPerBand = 32;

    [ThreadStatic]
    private static Scratch? memory, filterMemory;

    public static WinogradNestedSample<TForm, V> Instance { get; } = new();

    private static int N => WinogradPoints<TForm, V>.Count;

    private static int Outputs => TForm.Outputs;

    /// <summary>Whether it is a 9×9 convolution of one channel to whole vectors of channels.</summary>
    public static bool Suits(in Conv2dGeometry g) => g.KernelSize == Kernel && g.InChannels == 1 && g.OutChannels % V.Width == 0;

    public void Forward(ZeroPlane input, float* weight, WinogradEnd end, float* output, Shape outputShape)
    {
        nint outChannels = outputShape.C, filterStep = Groups * Groups * outChannels;
        var filters = (filterMemory ??= new()).Rent(N * N * filterStep);
        for (var group = 0; group < Groups * Groups; group++)
            WinogradSteps<TForm, V>.Filters(weight + (FirstTap(group) * outChannels), outChannels, Kernel * outChannels, filters + (group * outChannels), filterStep);
        var band = RowsPerBand(outputShape.W);
        for (var y = 0; y < outputShape.H; y += band)
        {
            var offset = (nint)y * outputShape.W * outChannels;
            ForwardOfBand(input.From(y), filters, end.From(offset), output + offset, outputShape with { H = Math.Min(band, outputShape.H - y) });
        }
    }

    public void BackwardWeight(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        var band = RowsPerBand(gradShape.W);
        for (var y = 0; y < gradShape.H; y += band)
            BackwardWeightOfBand(input.From(y), outputGrad + ((nint)y * gradShape.W * gradShape.C), gradShape with { H = Math.Min(band, gradShape.H - y) }, weightGrad);
    }

    private static void ForwardOfBand(ZeroPlane input, float* filters, in WinogradEnd end, float* output, Shape shape)
    {
        int across = TilesAlong(shape.W), down = TilesAlong(shape.H), starts = Starts(across);
        nint outChannels = shape.C, outStep = across * down * outChannels, spectrum = N * N * starts, filterStep = Groups * Groups * outChannels;
        var spectra = (memory ??= new()).Rent((down * Groups * spectrum) + (N * outStep) + (N * Outputs * outStep) + TransformLength(starts));
        float* products = spectra + (down * Groups * spectrum), half = products + (N * outStep);
        Spectra(input, down, starts, half + (N * Outputs * outStep), spectra);

        // One sum per point j and row of tiles; its rows are the shifts down, its terms those across.
        var a = stackalloc float*[N * down * Groups];
        var b = stackalloc float*[N * down * Groups];
        for (var j = 0; j < N; j++)
        for (var row = 0; row < down * Groups; row++)
        {
            a[(j * down * Groups) + row] = spectra + (row * spectrum) + (j * starts);
            b[(j * down * Groups) + row] = filters + (((j * Groups) + (row % Groups)) * Groups * outChannels);
        }
        for (var i = 0; i < N; i++)
        {
            Tiles.Run(
                new TileSum
                {
                    A = a, AOffset = i * N * starts, B = b, BOffset = i * N * filterStep, Rows = Groups, Terms = Groups, AStep = Outputs, ATerm = TForm.Taps,
                    BTerm = outChannels, C = products, CStep = outChannels,
                    Repeats = N * down, ARepeat = Groups, BRepeat = Groups, CRepeat = across * outChannels,
                },
                TileEnds.Plain, across, shape.C);
            WinogradSteps<TForm, V>.HalfOutput(products, outStep, half + (i * Outputs * outStep));
        }
        WinogradSample<TForm, V>.Output(half, outStep, end, output, shape);
    }

    private static void BackwardWeightOfBand(ZeroPlane input, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        int across = TilesAlong(gradShape.W), down = TilesAlong(gradShape.H), starts = Starts(across);
        nint outChannels = gradShape.C, outStep = across * down * outChannels, spectrum = N * N * starts, filterStep = Groups * Groups * outChannels;
        nint gradLength = down * N * Outputs * across * outChannels;
        var spectra = (memory ??= new()).Rent((down * Groups * spectrum) + gradLength + (N * outStep) + (N * filterStep) + (N * TForm.Taps * filterStep) + TransformLength(starts));
        float* gradVertical = spectra + (down * Groups * spectrum), gradSpectra = gradVertical + gradLength;
        float* products = gradSpectra + (N * outStep), half = products + (N * filterStep);
        Spectra(input, down, starts, half + (N * TForm.Taps * filterStep), spectra);
        nint rowStep = Outputs * across * outChannels;
        WinogradSample<TForm, V>.Vertical<WinogradOutputGrad<TForm, V>>(new(outputGrad, gradShape, 0, 0), down, Outputs * across, rowStep, gradVertical);

        // One sum per point j and shift down; its rows are those of the tiles, its terms the tiles across, its elements the shifts across.
        var a = stackalloc float*[N * Groups * down];
        var b = stackalloc float*[N * Groups * down];
        for (var j = 0; j < N; j++)
        for (var gy = 0; gy < Groups; gy++)
        for (var tileRow = 0; tileRow < down; tileRow++)
        {
            var at = (((j * Groups) + gy) * down) + tileRow;
            a[at] = spectra + (((tileRow * Groups) + gy) * spectrum) + (j * starts);
            b[at] = gradSpectra + (j * outStep) + (tileRow * across * outChannels);
        }
        for (var i = 0; i < N; i++)
        {
            WinogradSample<TForm, V>.Horizontal<WinogradOutputGrad<TForm, V>>(gradVertical, i, across, down, rowStep, outChannels, gradSpectra, outStep);
            Tiles.Run(
                new TileSum
                {
                    A = a, AOffset = i * N * starts, B = b, Rows = down, Terms = across, AStep = TForm.Taps, ATerm = Outputs, BTerm = outChannels, C = products, CStep = outChannels,
                    Repeats = N * Groups, ARepeat = down, BRepeat = down, CRepeat = Groups * outChannels,
                },
                TileEnds.Plain, Groups, gradShape.C);
            WinogradSteps<TForm, V>.HalfFilterGrad(products, filterStep, half + (i * TForm.Taps * filterStep));
        }
        for (var group = 0; group < Groups * Groups; group++)
            WinogradSteps<TForm, V>.AddFilterGrad(half + (group * outChannels), filterStep, outChannels, weightGrad + (FirstTap(group) * outChannels), Kernel * outChannels);
    }

    /// <summary>
    /// Bᵀ d B at every column, lanes along the row: spectra[tileRow, gy, i, j, x] for the window that starts in column x and, shifted down by
    /// gy, in a row of tiles.
    /// </summary>
    private static void Spectra(in ZeroPlane input, int down, int starts, float* transform, float* spectra)
    {
        nint columns = Columns(starts), left = input.Left, real = Math.Min(input.Width, columns - left);
        var vertical = transform + (N * columns);
        new Span<float>(transform, (int)(N * columns)).Clear();
        var zeros = stackalloc float[input.Width];
        var rows = stackalloc float*[N];
        for (var row = 0; row < down * Groups; row++)
        {
            for (var i = 0; i < N; i++)
            {
                rows[i] = transform + (i * columns);
                new ReadOnlySpan<float>(input.Row((Outputs * (row / Groups)) + (TForm.Taps * (row % Groups)) + i, zeros), (int)real).CopyTo(new Span<float>(rows[i] + left, (int)real));
            }
            WinogradSteps<TForm, V>.Vertical<WinogradInput<TForm, V>>(rows, columns, vertical, columns);
            for (var i = 0; i < N; i++) WinogradSteps<TForm, V>.Everywhere(vertical + (i * columns), starts, spectra + (((row * N) + i) * N * starts));
        }
    }

    /// <summary>Columns at which the transform is taken: every tile's start under every shift, rounded up to vectors.</summary>
    private static int Starts(int across) => Vectors((Outputs * (across - 1)) + (TForm.Taps * (Groups - 1)) + 1);

    /// <summary>Columns that those transforms read.</summary>
    private static int Columns(int starts) => Vectors(starts + N - 1);

    /// <summary>Room that <see cref="Spectra"/> needs.</summary>
    private static nint TransformLength(int starts) => 2 * N * (nint)Columns(starts);

    /// <summary>The first tap of a 3×3 group of taps.</summary>
    private static int FirstTap(int group) => TForm.Taps * ((group / Groups * Kernel) + (group % Groups));

    private static int RowsPerBand(int width) => Outputs * Math.Max(1, TilesPerBand / TilesAlong(width));

    private static int TilesAlong(int outputs) => (outputs + Outputs - 1) / Outputs;

    private static int Vectors(int length) => (length + V.Width - 1) / V.Width * V.Width;
}
