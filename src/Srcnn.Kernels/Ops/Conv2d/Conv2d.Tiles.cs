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
            if (sum.Rows * sum.Terms * sum.BTerm * sizeof(float) <= FirstLevelCache) Blocks<SimdPair<SimdPair<Simd512>>>(ref sum, ends, count, ref width, 6);
            Blocks<SimdPair<Simd512>>(ref sum, ends, count, ref width, 12);
            Blocks<Simd512>(ref sum, ends, count, ref width, 12);
        }
        else if (Simd.Width == 8)
        {
            // 16 registers: 12 sums, 2 vectors of B and a broadcast.
            Blocks<SimdPair<Simd256>>(ref sum, ends, count, ref width, 6);
            Blocks<Simd256>(ref sum, ends, count, ref width, 12);
        }
        else
        {
            Blocks<SimdPair<Simd128>>(ref sum, ends, count, ref width, 6);
            Blocks<Simd128>(ref sum, ends, count, ref width, 12);
        }
    }

    /// <summary>
    /// Takes blocks of V off the front of the vector axis while they are full, or at least fill a lane of V's last vector: no narrower
    /// form would then need fewer vectors.
    /// </summary>
    private static void Blocks<V>(ref TileSum sum, TileEnds ends, int count, ref int width, int height)
        where V : struct, ISimd<V>
    {
        while (width > V.Width - Simd.Width)
        {
            sum.Lanes = Math.Min(width, V.Width);
            switch (ends)
            {
                case TileEnds.Plain: Block<V, PlainEnds<V>>(sum, count, height); break;
                case TileEnds.Bias: Block<V, BiasEnds<V>>(sum, count, height); break;
                case TileEnds.Relu: Block<V, ReluEnds<V>>(sum, count, height); break;
                case TileEnds.PRelu: Block<V, PReluEnds<V>>(sum, count, height); break;
                case TileEnds.Mask: Block<V, MaskEnds<V>>(sum, count, height); break;
                case TileEnds.Add: Block<V, AddEnds<V>>(sum, count, height); break;
            }
            width -= sum.Lanes;
            sum.BOffset += sum.Lanes;
            sum.Initial += sum.Lanes;
            sum.Mask += sum.Lanes;
            sum.Slope += sum.Lanes * sum.SlopeStep;
            sum.C += sum.Lanes;
        }
    }

    private static void Block<V, TEnds>(in TileSum sum, int count, int height)
        where V : struct, ISimd<V>
        where TEnds : struct, ITileEnds<V>
    {
        if (sum.Lanes == V.Width) Tile<V, TEnds>.Run(sum, count, height);
        else Tile<V, PartEnds<V, TEnds>>.Run(sum, count, height);
    }
}
