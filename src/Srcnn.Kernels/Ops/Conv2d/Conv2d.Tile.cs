using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// Runs a <see cref="TileSum"/> in register blocks of 12, 6, 3 or 1 rows of C. Eight or more independent sums hide the latency of a
/// multiply–add. Every element is summed in the order (row, term) whatever block it falls in, so blocking never changes a bit.
/// </summary>
internal static unsafe class Tile<V, TEnds>
    where V : struct, ISimd<V>
    where TEnds : struct, ITileEnds<V>
{
    /// <summary>
    /// Computes C[0 … count) in blocks of at most <paramref name="height"/> rows (12 or 6, what the register file holds). Of the vector
    /// block only the first <paramref name="lanes"/> lanes exist; the rest is computed and thrown away.
    /// </summary>
    public static void Run(in TileSum whole, int count, int height, int lanes)
    {
        var a = stackalloc float*[whole.Rows];
        var partial = stackalloc float[lanes < V.Width ? height * V.Width : 1];
        var sum = whole;
        sum.A = a;
        for (var done = 0; done < count;)
        {
            var left = count - done;
            var rows = left >= 12 && height >= 12 ? 12 : left >= 6 ? 6 : left >= 3 ? 3 : 1;
            for (var row = 0; row < whole.Rows; row++) a[row] = whole.A[row] + (done * whole.AStep);
            if (lanes < V.Width)
            {
                sum.C = partial;
                sum.CStep = V.Width;
            }
            switch (rows)
            {
                case 12: Twelve(sum); break;
                case 6: Six(sum); break;
                case 3: Three(sum); break;
                default: One(sum); break;
            }
            var c = whole.C + (done * whole.CStep);
            for (var i = 0; i < rows && lanes < V.Width; i++)
                new ReadOnlySpan<float>(partial + (i * V.Width), lanes).CopyTo(new Span<float>(c + (i * whole.CStep), lanes));
            done += rows;
            sum.C = whole.C + (done * whole.CStep);
            sum.Initial = whole.Initial + (done * whole.EndStep);
            sum.Mask = whole.Mask + (done * whole.EndStep);
        }
    }

    /// <summary>Three rows of C in registers.</summary>
    private struct Block
    {
        private V c0, c1, c2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Start(in TileSum sum, nint i)
        {
            c0 = TEnds.Start(sum, i);
            c1 = TEnds.Start(sum, i + 1);
            c2 = TEnds.Start(sum, i + 2);
        }

        // Byte steps, so that each factor is addressed by base + index without arithmetic of its own.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(byte* a, nint step, nint step2, V b)
        {
            c0 = V.MultiplyAdd(b, V.Broadcast((float*)a), c0);
            c1 = V.MultiplyAdd(b, V.Broadcast((float*)(a + step)), c1);
            c2 = V.MultiplyAdd(b, V.Broadcast((float*)(a + step2)), c2);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Finish(in TileSum sum, nint i)
        {
            V.Store(TEnds.Finish(sum, i, c0), sum.C + (i * sum.CStep));
            V.Store(TEnds.Finish(sum, i + 1, c1), sum.C + ((i + 1) * sum.CStep));
            V.Store(TEnds.Finish(sum, i + 2, c2), sum.C + ((i + 2) * sum.CStep));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Twelve(in TileSum sum)
    {
        Block c0 = default, c3 = default, c6 = default, c9 = default;
        c0.Start(sum, 0);
        c3.Start(sum, 3);
        c6.Start(sum, 6);
        c9.Start(sum, 9);
        nint step = sum.AStep * sizeof(float), step2 = 2 * step, step3 = 3 * step, term = sum.ATerm * sizeof(float), bTerm = sum.BTerm;
        for (var row = 0; row < sum.Rows; row++)
        {
            byte* a0 = (byte*)sum.A[row], a3 = a0 + step3, a6 = a3 + step3, a9 = a6 + step3;
            var b = sum.B[row];
            for (var t = sum.Terms; t > 0; t--)
            {
                var v = V.Load(b);
                c0.MultiplyAdd(a0, step, step2, v);
                c3.MultiplyAdd(a3, step, step2, v);
                c6.MultiplyAdd(a6, step, step2, v);
                c9.MultiplyAdd(a9, step, step2, v);
                a0 += term;
                a3 += term;
                a6 += term;
                a9 += term;
                b += bTerm;
            }
        }
        c0.Finish(sum, 0);
        c3.Finish(sum, 3);
        c6.Finish(sum, 6);
        c9.Finish(sum, 9);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Six(in TileSum sum)
    {
        Block c0 = default, c3 = default;
        c0.Start(sum, 0);
        c3.Start(sum, 3);
        nint step = sum.AStep * sizeof(float), step2 = 2 * step, step3 = 3 * step, term = sum.ATerm * sizeof(float), bTerm = sum.BTerm;
        for (var row = 0; row < sum.Rows; row++)
        {
            byte* a0 = (byte*)sum.A[row], a3 = a0 + step3;
            var b = sum.B[row];
            for (var t = sum.Terms; t > 0; t--)
            {
                var v = V.Load(b);
                c0.MultiplyAdd(a0, step, step2, v);
                c3.MultiplyAdd(a3, step, step2, v);
                a0 += term;
                a3 += term;
                b += bTerm;
            }
        }
        c0.Finish(sum, 0);
        c3.Finish(sum, 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Three(in TileSum sum)
    {
        Block c0 = default;
        c0.Start(sum, 0);
        nint step = sum.AStep * sizeof(float), step2 = 2 * step, term = sum.ATerm * sizeof(float), bTerm = sum.BTerm;
        for (var row = 0; row < sum.Rows; row++)
        {
            var a0 = (byte*)sum.A[row];
            var b = sum.B[row];
            for (var t = sum.Terms; t > 0; t--)
            {
                c0.MultiplyAdd(a0, step, step2, V.Load(b));
                a0 += term;
                b += bTerm;
            }
        }
        c0.Finish(sum, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(in TileSum sum)
    {
        var c = TEnds.Start(sum, 0);
        for (var row = 0; row < sum.Rows; row++)
        {
            var a = sum.A[row];
            var b = sum.B[row];
            for (var t = sum.Terms; t > 0; t--)
            {
                c = V.MultiplyAdd(V.Load(b), V.Broadcast(a), c);
                a += sum.ATerm;
                b += sum.BTerm;
            }
        }
        V.Store(TEnds.Finish(sum, 0, c), sum.C);
    }
}

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
                case TileEnds.Mask: Tile<V, MaskEnds<V>>.Run(sum, count, height, lanes); break;
                case TileEnds.Add: Tile<V, AddEnds<V>>.Run(sum, count, height, lanes); break;
            }
            width -= lanes;
            for (var row = 0; row < sum.Rows; row++) sum.B[row] += lanes;
            sum.Initial += lanes;
            sum.Mask += lanes;
            sum.Slope += lanes * sum.SlopeStep;
            sum.C += lanes;
        }
    }
}
