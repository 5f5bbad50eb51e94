using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// A 5×5 convolution of whole vectors of channels to a single one by F(4, 5) down the columns, and along the rows by the dot products that such a layer is
/// made of (<see cref="Dot"/>): eight products a tap column for four rows instead of twenty. Across the rows a transform would cost more than it
/// saves, as one filter uses it once.
/// </summary>
internal sealed unsafe class WinogradDotRowOp<V> : WinogradRowOp<F45, F45, V>
    where V : struct, ISimd<V>
{
    public WinogradDotRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no Winograd form of dot products");
    }

    /// <summary>Whether it is a 5×5 convolution with one filter, of channels that fill whole vectors.</summary>
    public static new bool Suits(in Conv2dGeometry g) => g is { KernelSize: 5, OutChannels: 1 } && Conv2dRowOp.Suits(g) && g.InChannels % V.Width == 0;

    protected override nint FilterCount => N * RowTerms;

    private static int N => Down;

    private static int Outputs => F45.Outputs;

    /// <summary>Weights of one point, S·C.</summary>
    private nint RowTerms => (nint)F45.Taps * Geometry.InChannels;

    protected override void Transform(float* filters) => WinogradFilters.TransformColumns<F45, V>(HostBackend.Pointer(Weight), (int)RowTerms, filters);

    protected override void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int channels = Geometry.InChannels, width = x1 - x0;
        nint rowLength = (nint)(width + F45.Taps - 1) * channels, sumsLength = (width + V.Width - 1) / V.Width * V.Width;
        float* spectra = Buffer((N * (rowLength + sumsLength)) + (Outputs * sumsLength)), sums = spectra + (N * rowLength), results = sums + (N * sumsLength);
        var rows = stackalloc float*[N];
        for (var i = 0; i < N; i++) rows[i] = input.At(y - Above + i, x0 - Left);
        WinogradSteps<F45, V>.Vertical<WinogradInput<F45, V>>(rows, rowLength, spectra, rowLength);
        for (var i = 0; i < N; i++)
        {
            var points = spectra + (i * rowLength);
            Dot<V>.RowOfFive(&points, 1, channels, Filters + (i * RowTerms), 0, false, sums + (i * sumsLength), 1, width);
        }
        WinogradSteps<F45, V>.HalfOutput(sums, sumsLength, results);
        for (var row = 0; row < rowCount; row++) Finish(results + (row * sumsLength), output.At(y + row, x0), width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(float* sums, float* output, int width)
    {
        var bias = V.Broadcast(HostBackend.Pointer(Bias));
        for (var x = 0; x < width; x += V.Width)
        {
            var value = V.Add(V.Load(sums + x), bias);
            if (Activation.IsRelu) value = V.Rectify(value);
            V.Store(value, output + x, width - x);
        }
    }
}
