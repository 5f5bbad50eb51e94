namespace Srcnn.Kernels;

/// <summary>Cuts the vector axis of a <see cref="TileSum"/> into blocks that fill the register file of this processor.</summary>
internal static unsafe class Tiles
{
    /// <summary>Bytes that one operand may take of a core's 32 to 48 KB of first-level cache.</summary>
    public const int FirstLevelCache = 28 * 1024;

    /// <summary>Lanes of the widest vector block.</summary>
    public const int MostLanes = 64;

    /// <summary>Computes <paramref name="count"/> rows of <paramref name="width"/> elements. Vectors may be read up to 60 bytes past the last element of B, Initial and Mask.</summary>
    public static void Run(TileSum sum, TileEnds ends, int count, int width)
    {
        if (Simd.Width == 16)
        {
            // 32 registers: 24 sums, up to 4 vectors of B and a broadcast. The wide form broadcasts half as often, but reads B twice as
            // often: only while B stays in the first-level cache.
            if (sum.LaneStep == 1 && sum.Rows * sum.Terms * sum.BTerm * sizeof(float) <= FirstLevelCache) Blocks<SimdPair<SimdPair<Simd512>>>(ref sum, ends, count, ref width, 6);
            Blocks<SimdPair<Simd512>>(ref sum, ends, count, ref width, 12);
            Blocks<Simd512>(ref sum, ends, count, ref width, 12, last: true);
        }
        else if (Simd.Width == 8)
        {
            // 16 registers: 12 sums, 2 vectors of B and a broadcast.
            Blocks<SimdPair<Simd256>>(ref sum, ends, count, ref width, 6);
            Blocks<Simd256>(ref sum, ends, count, ref width, 12, last: true);
        }
        else
        {
            Blocks<SimdPair<Simd128>>(ref sum, ends, count, ref width, 6);
            Blocks<Simd128>(ref sum, ends, count, ref width, 12, last: true);
        }
    }

    /// <summary>Takes whole blocks of V off the front of the vector axis; the <paramref name="last"/> form also takes the rest.</summary>
    private static void Blocks<V>(ref TileSum sum, TileEnds ends, int count, ref int width, int height, bool last = false)
        where V : struct, ISimd<V>
    {
        while (width >= V.Width || (last && width > 0))
        {
            var lanes = Math.Min(width, V.Width);
            switch (ends)
            {
                case TileEnds.Plain: Tile<V, PlainEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.Bias: Tile<V, BiasEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.Relu: Tile<V, ReluEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.PRelu: Tile<V, PReluEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.RowBias: Tile<V, RowBiasEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.RowRelu: Tile<V, RowReluEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.RowPRelu: Tile<V, RowPReluEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.Mask: Tile<V, MaskEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.Add: Tile<V, AddEnds<V>>.Run(sum, count, height, lanes); break;
            }
            width -= lanes;
            sum.BOffset += lanes;
            sum.Initial += lanes * sum.LaneStep;
            sum.Mask += lanes;
            sum.Slope += lanes * sum.LaneStep * sum.SlopeStep;
            sum.C += lanes;
        }
    }
}
