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
    /// <summary>Tiles transformed at a time: two register blocks of the products, and the buffers fit a second-level cache.</summary>
    private const int TilesAtOnce = 24;

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
        for (var y = y0; y < y1; y += TDown.Outputs)
        for (var x = x0; x < x1; x += TAcross.Outputs * TilesAtOnce)
            Block(input, output, y, Math.Min(TDown.Outputs, y1 - y), x, Math.Min(x1, x + (TAcross.Outputs * TilesAtOnce)));
    }

    public sealed override void Dispose() => filters.Dispose();

    protected abstract void Transform(float* filters);

    /// <summary>Up to a tile's rows of columns [x0, x1), no more than <see cref="TilesAtOnce"/> tiles.</summary>
    protected abstract void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1);

    protected static int TilesAlong(int outputs) => (outputs + TAcross.Outputs - 1) / TAcross.Outputs;

    /// <summary>Memory for one <see cref="Block"/>.</summary>
    protected static float* Buffer(nint count) => (buffer ??= new()).Rent(count);

    /// <summary>Rounded up to whole vectors.</summary>
    protected static nint Vectors(nint length) => (length + V.Width - 1) / V.Width * V.Width;
}

/// <summary>F(m×m, r×r): n² small matrix products (tiles × C by C × K) instead of r² per pixel.</summary>
internal sealed unsafe class WinogradPlainRowOp<TForm, V> : WinogradRowOp<TForm, TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    public WinogradPlainRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no Winograd form F({Outputs}, {TForm.Taps})");
    }

    /// <summary>
    /// Whether the kernel has this form's size, the input's channels fill whole vectors, and the output's are not so few that dot products are faster
    /// or as fast. A last vector of theirs may be part empty: an end of 9 phases takes a third of the time that its sum as written does.
    /// </summary>
    public static new bool Suits(in Conv2dGeometry g) =>
        g.KernelSize == TForm.Taps && Conv2dRowOp.Suits(g) && g.InChannels % V.Width == 0 && !Dot.Suits(g.OutChannels);

    protected override nint FilterCount => N * N * FilterLength;

    private static int N => Down;

    private static int Outputs => TForm.Outputs;

    private int InChannels => Geometry.InChannels;

    private nint FilterLength => (nint)InChannels * OutChannels;

    protected override void Transform(float* filters) =>
        WinogradFilters.Transform<TForm, TForm, V>(HostBackend.Pointer(Weight), TForm.Taps, (int)FilterLength, filters);

    protected override void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int tiles = TilesAlong(x1 - x0), columns = (Outputs * tiles) + TForm.Taps - 1;
        nint rowLength = (nint)columns * InChannels, inTiles = (nint)tiles * InChannels, outTiles = Vectors((nint)tiles * OutChannels);
        var vertical = Buffer((N * rowLength) + (N * (inTiles + outTiles)) + (N * Outputs * outTiles));
        float* spectra = vertical + (N * rowLength), products = spectra + (N * inTiles), half = products + (N * outTiles);

        var rows = stackalloc float*[N];
        for (var i = 0; i < N; i++) rows[i] = input.At(y - Above + i, x0 - Left);
        WinogradSteps<TForm, V>.Vertical<WinogradInput<TForm, V>>(rows, rowLength, vertical, rowLength);
        for (var i = 0; i < N; i++)
        {
            WinogradSteps<TForm, V>.Horizontal<WinogradInput<TForm, V>>(vertical + (i * rowLength), tiles, InChannels, spectra, inTiles);
            WinogradSteps<TForm, V>.Products(spectra, inTiles, InChannels, Filters + (i * N * FilterLength), FilterLength, products, outTiles, tiles, OutChannels);
            WinogradSteps<TForm, V>.HalfOutput(products, outTiles, half + (i * Outputs * outTiles));
        }
        for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0);
        WinogradSteps<TForm, V>.Output(half, outTiles, Outputs, OutChannels, End, rows, rowCount, x1 - x0);
    }
}
