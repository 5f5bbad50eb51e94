namespace Srcnn.Kernels;

/// <summary>
/// A 9×9 convolution of a one-channel picture as nine 3×3 ones: the taps form a 3×3 grid of 3×3 groups, and group (gy, gx) sees the
/// picture shifted by (3gy, 3gx), so the groups are the input channels of one F(m×m, 3×3). The picture's transform is taken at every
/// column, since shifts by 3 fall between the tiles; with one channel that is cheap.
/// </summary>
internal sealed unsafe class WinogradNestedRowOp<V> : WinogradRowOp<F43, V>
    where V : struct, ISimd<V>
{
    private const int Groups = 3;

    /// <summary>Tiles whose products are transformed back while they are near: two register blocks.</summary>
    private const int TilesPerProduct = 12;

    public WinogradNestedRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
        : base(geometry, weight, bias, activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} has no nested Winograd form");
    }

    /// <summary>Whether it is a 9×9 convolution of one channel to whole vectors of channels.</summary>
    public static new bool Suits(in Conv2dGeometry g) => g.KernelSize == 9 && g.InChannels == 1 && Conv2dRowOp.Suits(g) && g.OutChannels % V.Width == 0;

    protected override nint FilterCount => Groups * Groups * GroupLength;

    /// <summary>One group's transformed filters, [i, j, k].</summary>
    private int GroupLength => N * N * OutChannels;

    // Nine transforms of [3, 3, K], sorted as the products read them: [i, j][gy, gx][K].
    protected override void Transform(float* filters)
    {
        using var scratch = new Scratch();
        var one = scratch.Rent(GroupLength);
        for (var group = 0; group < Groups * Groups; group++)
        {
            var (gy, gx) = (group / Groups, group % Groups);
            WinogradFilters.Transform<F43, V>(HostBackend.Pointer(Weight) + (((3 * gy * 9) + (3 * gx)) * OutChannels), 9, OutChannels, one);
            for (var ij = 0; ij < N * N; ij++)
                new ReadOnlySpan<float>(one + (ij * OutChannels), OutChannels).CopyTo(new Span<float>(filters + (((ij * Groups * Groups) + group) * OutChannels), OutChannels));
        }
    }

    protected override void Block(RowRing input, RowRing output, int y, int rowCount, int x0, int x1)
    {
        int tiles = TilesAlong(x1 - x0);
        // Columns at which the transform is taken: every tile's start under every shift, rounded up to vectors.
        int starts = ((Outputs * (tiles - 1)) + 7 + V.Width - 1) / V.Width * V.Width;
        int columns = (starts + N - 1 + V.Width - 1) / V.Width * V.Width;
        nint mostProducts = N * Even(Math.Min(tiles, TilesPerProduct)) * (nint)OutChannels;
        var vertical = Buffer((N * columns) + (Groups * N * N * starts) + mostProducts + (Outputs * mostProducts));
        float* spectra = vertical + (N * columns), products = spectra + (Groups * N * N * starts), half = products + mostProducts;

        var rows = stackalloc float*[N];
        for (var gy = 0; gy < Groups; gy++)
        {
            for (var i = 0; i < N; i++) rows[i] = input.At(y - Above + (3 * gy) + i, x0 - Left);
            Spectra(rows, vertical, columns, starts, spectra + (gy * N * N * starts));
        }

        var filters = Filters;
        var a = stackalloc float*[N * N * Groups];
        var b = stackalloc float*[N * N * Groups];
        for (var ij = 0; ij < N * N; ij++)
        for (var gy = 0; gy < Groups; gy++)
        {
            a[(ij * Groups) + gy] = spectra + (((gy * N * N) + ij) * (nint)starts);
            b[(ij * Groups) + gy] = filters + (((ij * Groups * Groups) + (gy * Groups)) * (nint)OutChannels);
        }
        for (var first = 0; first < tiles; first += TilesPerProduct)
        {
            var count = Math.Min(TilesPerProduct, tiles - first);
            var outTiles = (nint)Even(count) * OutChannels;
            for (var i = 0; i < N; i++)
            {
                float** points = a + (i * N * Groups), taps = b + (i * N * Groups);
                var columnsOfOutputs = half + (i * Outputs * outTiles);
                if (WinogradNestedSums<V>.Suits(OutChannels))
                {
                    WinogradNestedSums<V>.Run(points, Outputs * first, starts, taps, Groups * Groups * OutChannels, OutChannels, count, columnsOfOutputs, outTiles);
                    continue;
                }
                Tiles.Run(
                    new TileSum
                    {
                        A = points, AOffset = Outputs * first, B = taps, Rows = Groups, Terms = Groups, AStep = Outputs, ATerm = F43.Taps, BTerm = OutChannels,
                        C = products, CStep = OutChannels, Repeats = N, ARepeat = Groups, BRepeat = Groups, CRepeat = outTiles,
                    },
                    TileEnds.Plain, count, OutChannels);
                WinogradSteps<F43, V>.HalfOutput(products, outTiles, columnsOfOutputs);
            }
            for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0 + (Outputs * first));
            WinogradSteps<F43, V>.Output(half, outTiles, OutChannels, HostBackend.Pointer(Bias), Rectifies, 0, rows, rowCount, Math.Min(Outputs * count, x1 - x0 - (Outputs * first)));
        }
    }

    /// <summary>Products are summed for two tiles at a time.</summary>
    private static int Even(int tiles) => (tiles + 1) & ~1;

    /// <summary>Bᵀ d B at every column, lanes along the row: spectra[i, j, x] for the n×n window that starts at column x.</summary>
    private static void Spectra(float** rows, float* vertical, int columns, int starts, float* spectra)
    {
        WinogradSteps<F43, V>.Vertical<WinogradInput<F43, V>>(rows, columns, vertical, columns);
        for (var i = 0; i < N; i++) WinogradSteps<F43, V>.Everywhere(vertical + (i * columns), starts, spectra + (i * N * starts));
    }
}
