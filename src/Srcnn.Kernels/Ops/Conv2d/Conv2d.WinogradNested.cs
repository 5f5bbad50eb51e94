namespace Srcnn.Kernels;

/// <summary>
/// A 9×9 convolution of a one-channel picture as nine 3×3 ones: the taps form a 3×3 grid of 3×3 groups, and group (gy, gx) sees the
/// picture shifted by (3gy, 3gx), so the groups are the input channels of one F(4×4, 3×3). The picture's transform is taken at every
/// column, since shifts by 3 fall between the tiles; with one channel that is cheap.
/// </summary>
internal sealed unsafe class WinogradNestedRowOp<V> : WinogradRowOp<V>
    where V : struct, ISimd<V>
{
    private const int N = 6, Groups = 3;

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
        int tiles = (x1 - x0 + 3) / 4;
        // Columns at which the transform is taken: every tile's start under every shift, rounded up to vectors.
        int starts = ((4 * (tiles - 1)) + 7 + V.Width - 1) / V.Width * V.Width;
        int columns = starts + V.Width;
        nint mostProducts = N * Math.Min(tiles, TilesPerProduct) * (nint)OutChannels;
        var vertical = Buffer((N * columns) + (Groups * N * N * starts) + mostProducts + (4 * mostProducts));
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
            var outTiles = (nint)count * OutChannels;
            for (var i = 0; i < N; i++)
            {
                Tiles.Run(
                    new TileSum
                    {
                        A = a + (i * N * Groups), AOffset = 4 * first, B = b + (i * N * Groups), Rows = Groups, Terms = Groups,
                        AStep = 4, ATerm = 3, BTerm = OutChannels, C = products, CStep = OutChannels,
                        Repeats = N, ARepeat = Groups, BRepeat = Groups, CRepeat = outTiles,
                    },
                    TileEnds.Plain, count, OutChannels);
                WinogradSteps<F43, V>.HalfOutput(products, outTiles, half + (i * 4 * outTiles));
            }
            for (var row = 0; row < rowCount; row++) rows[row] = output.At(y + row, x0 + (4 * first));
            WinogradSteps<F43, V>.Output(half, outTiles, OutChannels, HostBackend.Pointer(Bias), Rectifies, 0, rows, rowCount, Math.Min(4 * count, x1 - x0 - (4 * first)));
        }
    }

    /// <summary>Bᵀ d B at every column, lanes along the row: spectra[i, j, x] for the 6×6 window that starts at column x.</summary>
    private static void Spectra(float** rows, float* vertical, int columns, int starts, float* spectra)
    {
        WinogradSteps<F43, V>.Vertical<WinogradInput<F43, V>>(rows, columns, vertical, columns);
        for (var i = 0; i < N; i++) WinogradSteps<F43, V>.Everywhere(vertical + (i * columns), starts, spectra + (i * N * starts));
    }
}
