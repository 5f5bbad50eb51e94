namespace Srcnn.Kernels;

/// <summary>
/// A 9×9 convolution of a one-channel picture as nine 3×3 ones: the taps form a 3×3 grid of 3×3 groups, and group (gy, gx) sees the
/// picture shifted by (3gy, 3gx), so the groups are the input channels of one 3×3 convolution. The picture's transform is taken at every
/// column, since shifts by 3 fall between the tiles; with one channel that is cheap. Down the columns it is F(6, 3), a ninth fewer products
/// than F(4, 3), which goes along the rows: the sums of its six points are transformed back in registers, for those of eight there are too few.
/// </summary>
internal sealed unsafe class WinogradNestedRowOp<V> : WinogradRowOp<F63, F43, V>
    where V : struct, ISimd<V>
{
    private const int Groups = 3;

    public WinogradNestedRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no nested Winograd form");
    }

    /// <summary>Whether it is a 9×9 convolution of one channel to whole vectors of channels.</summary>
    public static new bool Suits(in Conv2dGeometry g) => g.KernelSize == 9 && g.InChannels == 1 && Conv2dRowOp.Suits(g) && g.OutChannels % V.Width == 0;

    protected override nint FilterCount => Groups * Groups * GroupLength;

    /// <summary>One group's transformed filters, [i, j, k].</summary>
    private int GroupLength => Down * Across * OutChannels;

    // Nine transforms of [3, 3, K], sorted as the products read them: [i, j][gy, gx][K].
    protected override void Transform(float* filters)
    {
        using var scratch = new Scratch();
        var one = scratch.Rent(GroupLength);
        for (var group = 0; group < Groups * Groups; group++)
        {
            var (gy, gx) = (group / Groups, group % Groups);
            WinogradFilters.Transform<F63, F43, V>(HostBackend.Pointer(Weight) + (((3 * gy * 9) + (3 * gx)) * OutChannels), 9, OutChannels, one);
            for (var ij = 0; ij < Down * Across; ij++)
                new ReadOnlySpan<float>(one + (ij * OutChannels), OutChannels).CopyTo(new Span<float>(filters + (((ij * Groups * Groups) + group) * OutChannels), OutChannels));
        }
    }

    protected override void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int tiles = TilesAlong(x1 - x0), outputs = F43.Outputs;
        // Columns at which the transform is taken: every tile's start under every shift, rounded up to vectors.
        int starts = ((outputs * (tiles - 1)) + 7 + V.Width - 1) / V.Width * V.Width;
        int columns = (starts + Across - 1 + V.Width - 1) / V.Width * V.Width;
        nint plane = (Together(tiles) * OutChannels) + Gap, spectrum = Down * Across * (nint)starts;
        var vertical = Buffer((Down * columns) + (Groups * spectrum) + (Across * plane) + (Down * outputs * plane));
        float* spectra = vertical + (Down * columns), products = spectra + (Groups * spectrum), half = products + (Across * plane);

        var rows = stackalloc float*[Down];
        for (var gy = 0; gy < Groups; gy++)
        {
            for (var i = 0; i < Down; i++) rows[i] = input.At(y - Above + (3 * gy) + i, x0 - Left);
            Spectra(rows, vertical, columns, starts, spectra + (gy * spectrum));
        }

        var filters = Filters;
        var a = stackalloc float*[Across * Groups];
        var b = stackalloc float*[Across * Groups];
        for (var jgy = 0; jgy < Across * Groups; jgy++)
        {
            a[jgy] = spectra + (jgy % Groups * spectrum) + (jgy / Groups * (nint)starts);
            b[jgy] = filters + (jgy * (nint)Groups * OutChannels);
        }
        nint rowOfPoints = Across * (nint)starts, rowOfTaps = Across * Groups * (nint)Groups * OutChannels, columnsOfOutputs = outputs * plane;
        for (var i = 0; i < Down; i++)
        {
            WinogradSums<F43, V>.Run(
                new TileSum
                {
                    A = a, AOffset = i * rowOfPoints, B = b, BOffset = i * rowOfTaps, Rows = Groups, Terms = Groups, AStep = outputs, ATerm = F43.Taps, BTerm = OutChannels,
                    C = products, CStep = OutChannels, Repeats = Across, ARepeat = Groups, BRepeat = Groups, CRepeat = plane,
                },
                tiles, OutChannels, half + (i * columnsOfOutputs), plane);
        }
        for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0);
        WinogradSteps<F63, V>.Output(half, plane, outputs, OutChannels, End, rows, rowCount, x1 - x0);
    }

    /// <summary>Bᵀ d B at every column, lanes along the row: spectra[i, j, x] for the n×n window that starts at column x.</summary>
    private static void Spectra(float** rows, float* vertical, int columns, int starts, float* spectra)
    {
        WinogradSteps<F63, V>.Vertical<WinogradInput<F63, V>>(rows, columns, vertical, columns);
        for (var i = 0; i < Down; i++) WinogradSteps<F43, V>.Everywhere(vertical + (i * columns), starts, spectra + (i * Across * starts));
    }
}
