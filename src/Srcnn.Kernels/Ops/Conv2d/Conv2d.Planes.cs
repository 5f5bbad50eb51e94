namespace Srcnn.Kernels;

/// <summary>
/// The sum as it is written, over planes: vectors run along the pixels of a row, and the rows of a block of sums are output channels. No
/// lane is empty whatever the channels; only a panel's width is rounded up to whole vectors.
/// </summary>
internal sealed unsafe class PlanesRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    : Conv2dRowOp(geometry, weight, bias, activation)
{
    public override void Prepare() { }

    protected override void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        var g = Geometry;
        // The terms of a sum are the input channels under a tap; of a single channel, the taps of a row.
        var (rows, terms, step) = g.InChannels == 1 ? (g.KernelSize, g.KernelSize, 1) : (g.KernelSize * g.KernelSize, g.InChannels, input.ChannelStep);
        var taps = stackalloc float*[rows];
        var pixels = stackalloc float*[rows];
        for (var row = 0; row < rows; row++) taps[row] = HostBackend.Pointer(Weight) + ((nint)row * terms * OutChannels);
        for (var y = y0; y < y1; y++)
        {
            for (var row = 0; row < rows; row++)
                pixels[row] = g.InChannels == 1 ? input.At(y - Above + row, x0 - Left) : input.At(y - Above + (row / g.KernelSize), x0 - Left + (row % g.KernelSize));
            Tiles.Run(
                new TileSum
                {
                    A = taps, B = pixels, Rows = rows, Terms = terms, AStep = 1, ATerm = OutChannels, BTerm = step,
                    Initial = HostBackend.Pointer(Bias), LaneStep = 0,
                    Slope = Activation.Slope is null ? null : HostBackend.Pointer(Activation.Slope), SlopeStep = Activation.Slope?.Shape.Length == 1 ? 0 : 1,
                    C = output.At(y, x0), CStep = output.ChannelStep,
                },
                Activation.Slope is not null ? TileEnds.RowPRelu : Activation.IsRelu ? TileEnds.RowRelu : TileEnds.RowBias,
                OutChannels, Planes.Whole(x1 - x0));
        }
    }

    public override void Dispose() { }
}

/// <summary>What ops over planes share.</summary>
internal static class Planes
{
    /// <summary>Columns rounded up to whole vectors; a <see cref="RowRing"/> has room for them.</summary>
    public static int Whole(int columns) => (columns + Simd.Width - 1) / Simd.Width * Simd.Width;
}
