using System.Runtime.InteropServices;

namespace Srcnn.Kernels;

/// <summary>
/// A stride-1 'same' convolution by Winograd's minimal filtering in the streaming executor. Tiles of outputs, as many as <typeparamref name="TDown"/>
/// has by those of <typeparamref name="TAcross"/>, stand at multiples of their size from the picture's corner, whatever the panel.
/// </summary>
internal abstract unsafe class WinogradRowOp<TDown, TAcross, V>(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    : Conv2dRowOp(geometry, weight, bias, activation)
    where TDown : struct, IWinogradForm
    where TAcross : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Most tiles transformed at a time: the buffers fit a second-level cache, beside the filters that every block reads anew.</summary>
    private const int MostTiles = 32;

    /// <summary>Elements between the planes of half-transformed outputs: without them those that are read together meet in one set of the first-level cache.</summary>
    protected const int Gap = 80;

    [ThreadStatic]
    private static Scratch? buffer;

    private readonly Scratch filters = new();
    private float[] transformed = [];

    public sealed override int RowStep => TDown.Outputs;

    public sealed override int ColumnStep => TAcross.Outputs;

    /// <summary>Points of a tile down its columns, i.</summary>
    protected static int Down => WinogradPoints<TDown, V>.Count;

    /// <summary>Points of a tile along its rows, j.</summary>
    protected static int Across => WinogradPoints<TAcross, V>.Count;

    protected WinogradEnd End => new(HostBackend.Pointer(Bias), Activation);

    /// <summary>Length of the transformed filters.</summary>
    protected abstract nint FilterCount { get; }

    /// <summary>The transformed filters, as <see cref="Transform"/> has written them.</summary>
    protected float* Filters => filters.Rent(FilterCount);

    /// <summary>Transforms the weights unless they are, bit for bit, those of the last picture.</summary>
    public sealed override void Prepare()
    {
        var values = HostBackend.Elements(Weight);
        if (MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(transformed.AsSpan()))) return;
        Transform(Filters);
        transformed = values.ToArray();
    }

    protected sealed override void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        // Blocks as equal as can be: a last one of a few tiles would cost nearly as much as a full one.
        int tiles = TilesAlong(x1 - x0), blocks = (tiles + MostTiles - 1) / MostTiles, width = (tiles + blocks - 1) / blocks * TAcross.Outputs;
        for (var y = y0; y < y1; y += TDown.Outputs)
        for (var x = x0; x < x1; x += width)
            Block(input, output, y, Math.Min(TDown.Outputs, y1 - y), x, Math.Min(x1, x + width));
    }

    public sealed override void Dispose() => filters.Dispose();

    protected abstract void Transform(float* filters);

    /// <summary>Up to a tile's rows of columns [x0, x1), no more than <see cref="MostTiles"/> tiles.</summary>
    protected abstract void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1);

    protected static int TilesAlong(int outputs) => (outputs + TAcross.Outputs - 1) / TAcross.Outputs;

    /// <summary>Memory for one <see cref="Block"/>.</summary>
    protected static float* Buffer(nint count) => (buffer ??= new()).Rent(count);

    /// <summary>Tiles that <see cref="WinogradSums{TForm, V}"/> wants room for.</summary>
    protected static nint Together(int tiles) => (tiles + WinogradSums<TAcross, V>.TilesTogether - 1) / WinogradSums<TAcross, V>.TilesTogether * WinogradSums<TAcross, V>.TilesTogether;

    /// <summary>Rounded up to whole vectors.</summary>
    protected static nint Vectors(nint length) => (length + V.Width - 1) / V.Width * V.Width;
}

/// <summary>F(m×m′, r×r): small matrix products (tiles × C by C × K), one for each of n·n′ points, instead of r² per pixel.</summary>
internal sealed unsafe class WinogradPlainRowOp<TDown, TAcross, V> : WinogradRowOp<TDown, TAcross, V>
    where TDown : struct, IWinogradForm
    where TAcross : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    public WinogradPlainRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no Winograd form F({TDown.Outputs}×{TAcross.Outputs}, {Taps}×{Taps})");
    }

    /// <summary>
    /// Whether the kernel has this form's size, the input's channels fill whole vectors, and the output's are not so few that dot products are faster
    /// or as fast. A last vector of theirs may be part empty: an end of 9 phases takes a third of the time that its sum as written does.
    /// </summary>
    public static new bool Suits(in Conv2dGeometry g) =>
        g.KernelSize == Taps && Conv2dRowOp.Suits(g) && g.InChannels % V.Width == 0 && !Dot.Suits(g.OutChannels);

    protected override nint FilterCount => Down * Across * FilterLength;

    private static int Taps => TDown.Taps;

    private static int Outputs => TAcross.Outputs;

    private int InChannels => Geometry.InChannels;

    private nint FilterLength => (nint)InChannels * OutChannels;

    protected override void Transform(float* filters) =>
        WinogradFilters.Transform<TDown, TAcross, V>(HostBackend.Pointer(Weight), Taps, (int)FilterLength, filters);

    protected override void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int tiles = TilesAlong(x1 - x0), columns = (Outputs * tiles) + Taps - 1;
        nint rowLength = (nint)columns * InChannels, inPlane = Together(tiles) * InChannels, plane = Vectors(Together(tiles) * OutChannels) + Gap;
        var vertical = Buffer((Down * rowLength) + (Across * (inPlane + plane)) + (Down * Outputs * plane));
        float* spectra = vertical + (Down * rowLength), products = spectra + (Across * inPlane), half = products + (Across * plane);

        var rows = stackalloc float*[Down];
        for (var i = 0; i < Down; i++) rows[i] = input.At(y - Above + i, x0 - Left);
        WinogradSteps<TDown, V>.Vertical<WinogradInput<TDown, V>>(rows, rowLength, vertical, rowLength);
        var a = stackalloc float*[Across];
        var b = stackalloc float*[Across];
        for (var j = 0; j < Across; j++)
        {
            a[j] = spectra + (j * inPlane);
            b[j] = Filters + (j * FilterLength);
        }
        for (var i = 0; i < Down; i++)
        {
            WinogradSteps<TAcross, V>.Horizontal<WinogradInput<TAcross, V>>(vertical + (i * rowLength), tiles, InChannels, spectra, inPlane);
            WinogradSums<TAcross, V>.Run(
                new TileSum
                {
                    A = a, B = b, BOffset = i * Across * FilterLength, Rows = 1, Terms = InChannels, AStep = InChannels, ATerm = 1, BTerm = OutChannels,
                    C = products, CStep = OutChannels, Repeats = Across, ARepeat = 1, BRepeat = 1, CRepeat = plane,
                },
                tiles, OutChannels, half + (i * Outputs * plane), plane);
        }
        for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0);
        WinogradSteps<TDown, V>.Output(half, plane, Outputs, OutChannels, End, rows, rowCount, x1 - x0);
    }
}
