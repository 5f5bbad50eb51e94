using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Srcnn.Kernels;

/// <summary>
/// F(4, r) down the columns of planes, and the taps of a row as they are written: r + 3 products a tap column for four rows instead of 4r.
/// Transforms run along rows like everything else, so neither the channels nor the width need fill vectors.
/// </summary>
internal sealed unsafe class PlanesWinogradRowOp<TForm, V> : Conv2dRowOp
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Columns at a time: the transformed rows of a dozen channels fit a first-level cache.</summary>
    private const int ColumnsAtOnce = 96;

    [ThreadStatic]
    private static Scratch? buffer;

    private static readonly int N = TForm.Size;

    private readonly Scratch filterMemory = new();
    private float[] transformed = [];

    public PlanesWinogradRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (geometry.KernelSize != TForm.Taps) throw new ArgumentException($"{geometry} has no form F(4, {TForm.Taps})");
    }

    public override int RowStep => 4;

    private int Taps => Geometry.KernelSize;

    /// <summary>One tap column's filters of one point, [C, K].</summary>
    private nint FilterLength => (nint)Geometry.InChannels * OutChannels;

    private float* Filters => filterMemory.Rent(N * Taps * FilterLength);

    public override void Prepare()
    {
        var values = HostBackend.Elements(Weight);
        if (MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(transformed.AsSpan()))) return;
        WinogradFilters.TransformColumns<TForm>(HostBackend.Pointer(Weight), Taps * (int)FilterLength, Filters);
        transformed = values.ToArray();
    }

    protected override void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        for (var y = y0; y < y1; y += 4)
        for (var x = x0; x < x1; x += ColumnsAtOnce)
            Block(input, output, y, Math.Min(4, y1 - y), x, Planes.Whole(Math.Min(ColumnsAtOnce, x1 - x)));
    }

    public override void Dispose() => filterMemory.Dispose();

    private void Block(RowRing input, RowRing output, int y, int rowCount, int x, int width)
    {
        int channels = Geometry.InChannels, reach = Planes.Whole(width + Taps - 1);
        nint inStep = Spread(reach), outStep = Spread(width);
        var spectra = (buffer ??= new()).Rent(N * ((channels * inStep) + (OutChannels * outStep)));
        var products = spectra + (N * channels * inStep);

        var rows = stackalloc float*[N];
        for (var i = 0; i < N; i++) rows[i] = input.At(y - Above + i, x - Left);
        for (var c = 0; c < channels; c++)
        {
            WinogradSteps<TForm, V>.Vertical<WinogradInput<TForm>>(rows, reach, spectra + (c * inStep), channels * inStep);
            for (var i = 0; i < N; i++) rows[i] += input.ChannelStep;
        }

        var a = stackalloc float*[N * Taps];
        var b = stackalloc float*[N * Taps];
        for (var at = 0; at < N * Taps; at++)
        {
            a[at] = Filters + (at * FilterLength);
            b[at] = spectra + (at / Taps * channels * inStep) + (at % Taps);
        }
        Tiles.Run(
            new TileSum
            {
                A = a, B = b, Rows = Taps, Terms = channels, AStep = 1, ATerm = OutChannels, BTerm = inStep, LaneStep = 0,
                C = products, CStep = outStep, Repeats = N, ARepeat = Taps, BRepeat = Taps, CRepeat = OutChannels * outStep,
            },
            TileEnds.Plain, OutChannels, width);

        for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x);
        Output(products, outStep, rows, rowCount, output.ChannelStep, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Output(float* products, nint step, float** rows, int rowCount, nint channelStep, int width)
    {
        float* bias = HostBackend.Pointer(Bias), slope = Activation.Slope is null ? null : HostBackend.Pointer(Activation.Slope);
        var (slopeStep, relu) = (Activation.Slope?.Shape.Length == 1 ? 0 : 1, Activation.IsRelu);
        for (var k = 0; k < OutChannels; k++)
        {
            V start = V.Broadcast(bias + k), factor = slope == null ? default : V.Broadcast(slope + (k * slopeStep));
            for (nint at = 0; at < width; at += V.Width)
            {
                TForm.Output<V, StridedSource<V>>(new(products + (k * step) + at, OutChannels * step), out var y0, out var y1, out var y2, out var y3);
                var to = (k * channelStep) + at;
                Finish(y0, start, relu, slope != null, factor, rows[0] + to);
                if (rowCount > 1) Finish(y1, start, relu, slope != null, factor, rows[1] + to);
                if (rowCount > 2) Finish(y2, start, relu, slope != null, factor, rows[2] + to);
                if (rowCount > 3) Finish(y3, start, relu, slope != null, factor, rows[3] + to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V value, V start, bool relu, bool leaks, V slope, float* output)
    {
        value = V.Add(value, start);
        if (relu) value = V.Rectify(value);
        if (leaks) value = V.PRelu(value, slope);
        V.Store(value, output);
    }

    /// <summary>An odd number of cache lines, so that channels do not meet in one cache set.</summary>
    private static nint Spread(int columns) => (((columns + 15) / 16) | 1) * 16;
}
