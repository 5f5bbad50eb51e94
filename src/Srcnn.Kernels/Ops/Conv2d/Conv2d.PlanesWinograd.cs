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

    private static readonly int N = WinogradPoints<TForm, V>.Count;

    private readonly Scratch filterMemory = new();
    private float[] transformed = [];

    public PlanesWinogradRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (geometry.KernelSize != TForm.Taps) throw new ArgumentException($"{geometry} has no form F(4, {TForm.Taps})");
    }

    public override int RowStep => TForm.Outputs;

    private int Taps => Geometry.KernelSize;

    /// <summary>One tap column's filters of one point, [C, K].</summary>
    private nint FilterLength => (nint)Geometry.InChannels * OutChannels;

    private float* Filters => filterMemory.Rent(N * Taps * FilterLength);

    public override void Prepare()
    {
        var values = HostBackend.Elements(Weight);
        if (MemoryMarshal.AsBytes(values).SequenceEqual(MemoryMarshal.AsBytes(transformed.AsSpan()))) return;
        WinogradFilters.TransformColumns<TForm, V>(HostBackend.Pointer(Weight), Taps * (int)FilterLength, Filters);
        transformed = values.ToArray();
    }

    protected override void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        for (var y = y0; y < y1; y += TForm.Outputs)
        for (var x = x0; x < x1; x += ColumnsAtOnce)
            Block(input, output, y, Math.Min(TForm.Outputs, y1 - y), x, Planes.Whole(Math.Min(ColumnsAtOnce, x1 - x)));
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
            WinogradSteps<TForm, V>.Vertical<WinogradInput<TForm, V>>(rows, reach, spectra + (c * inStep), channels * inStep);
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
                WinogradPoints<TForm, V>.Output(
                    new StridedSource<V>(products + (k * step) + at, OutChannels * step),
                    new PlaneSink(rows, rowCount, (k * channelStep) + at, start, relu, slope != null, factor));
            }
        }
    }

    /// <summary>An odd number of cache lines, so that channels do not meet in one cache set.</summary>
    private static nint Spread(int columns) => (((columns + 15) / 16) | 1) * 16;

    /// <summary>Outputs at one offset of different rows, the first <paramref name="rowCount"/> of which exist.</summary>
    private readonly struct PlaneSink(float** rows, int rowCount, nint offset, V bias, bool relu, bool leaks, V slope) : IWinogradSink<V>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Put(int i, V value)
        {
            if (i >= rowCount) return;
            value = V.Add(value, bias);
            if (relu) value = V.Rectify(value);
            if (leaks) value = V.PRelu(value, slope);
            V.Store(value, rows[i] + offset);
        }
    }
}
