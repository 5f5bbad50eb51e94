using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// The matrix product for GPUs. A group computes as many rows as it has threads, times 8·Count columns, eight terms at a time: the
/// threads load the left block (one row each) and the right block (side by side) into shared memory, then each multiplies 8 rows by
/// Count columns. Per term a thread reads two quads of the left and Count/4 of the right block, all of 16 bytes, for 8·Count fused
/// multiply–adds. Eight threads that share rows are neighbours: what they read of the left block is one broadcast.
/// </summary>
internal readonly struct Conv2dTileKernel<TProduct, T>(TProduct product) : IGroupKernel
    where TProduct : struct, IConv2dProduct
    where T : struct, IQuads<T>
{
    public double Flops => product.Flops;

    public void Execute()
    {
        var leftQuads = SharedMemory.Allocate<Quad>(Conv2dTile.Terms * Conv2dTile.MaxThreads / 4);
        var rightQuads = SharedMemory.Allocate<Quad>(Conv2dTile.Terms * Conv2dTile.ColumnThreads * T.Count / 4);
        var left = leftQuads.Cast<float>();
        var right = rightQuads.Cast<float>();
        var threads = Group.DimX;
        var thread = Group.IdxX;
        var columns = Conv2dTile.ColumnThreads * T.Count;
        var columnTiles = (product.Columns + columns - 1) / columns;
        var rowTiles = (product.Rows + threads - 1) / threads;
        var firstColumn = Grid.IdxX % columnTiles * columns;
        var firstRow = Grid.IdxX / columnTiles % rowTiles * threads;
        var slice = Grid.IdxX / columnTiles / rowTiles;

        var from = product.Base(IntrinsicMath.Min(firstRow + thread, product.Rows - 1));
        var offset = product.RunStart(slice, 0);
        var (run, inRun) = (0, 0);
        var quadRow = thread / Conv2dTile.ColumnThreads * 2;
        var quadColumn = thread % Conv2dTile.ColumnThreads * (T.Count / 4);
        T a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (var first = 0; first < product.Terms; first += Conv2dTile.Terms)
        {
            for (var t = 0; t < Conv2dTile.Terms; t++)
            {
                left[t * threads + thread] = first + t < product.Terms ? product.Left(from + offset) : 0f;
                offset += product.Step;
                inRun++;
                if (inRun < product.RunLength || first + t + 1 >= product.Terms) continue;
                run++;
                inRun = 0;
                offset = product.RunStart(slice, run);
            }
            for (var i = thread; i < Conv2dTile.Terms * columns; i += threads)
            {
                var (term, column) = (first + i / columns, firstColumn + i % columns);
                right[i] = term < product.Terms && column < product.Columns ? product.Right(slice, term, column) : 0f;
            }
            Group.Barrier();
            var (leftAt, rightAt) = (quadRow, quadColumn);
            for (var t = 0; t < Conv2dTile.Terms; t++)
            {
                var low = leftQuads[leftAt];
                var high = leftQuads[leftAt + 1];
                var w = T.Load(rightQuads, rightAt);
                a = a.Add(low.X, w);
                b = b.Add(low.Y, w);
                c = c.Add(low.Z, w);
                d = d.Add(low.W, w);
                e = e.Add(high.X, w);
                f = f.Add(high.Y, w);
                g = g.Add(high.Z, w);
                h = h.Add(high.W, w);
                leftAt += threads / 4;
                rightAt += columns / 4;
            }
            Group.Barrier();
        }
        var row = firstRow + quadRow * 4;
        var target = firstColumn + quadColumn * 4;
        a.Store(product, slice, row, target);
        b.Store(product, slice, row + 1, target);
        c.Store(product, slice, row + 2, target);
        d.Store(product, slice, row + 3, target);
        e.Store(product, slice, row + 4, target);
        f.Store(product, slice, row + 5, target);
        g.Store(product, slice, row + 6, target);
        h.Store(product, slice, row + 7, target);
    }
}

/// <summary>Sizes of <see cref="Conv2dTileKernel{TProduct, T}"/>.</summary>
internal static class Conv2dTile
{
    /// <summary>Terms per pass through shared memory.</summary>
    public const int Terms = 8;

    /// <summary>Threads side by side along the columns.</summary>
    public const int ColumnThreads = 8;

    /// <summary>Threads of the largest group.</summary>
    public const int MaxThreads = 128;
}
