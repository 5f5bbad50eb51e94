using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// Runs a <see cref="TileSum"/> in register blocks of up to 12 rows of C. Eight or more independent sums hide the latency of a
/// multiply–add. Every element is summed in the order (row, term) whatever block it falls in, so blocking never changes a bit.
/// </summary>
internal static unsafe class Tile<V, TEnds>
    where V : struct, ISimd<V>
    where TEnds : struct, ITileEnds<V>
{
    /// <summary>Rows of C that live in registers together.</summary>
    private interface IRows<TSelf>
    {
        static abstract int Count { get; }

        static abstract TSelf Start(in TileSum sum, nint i);

        /// <summary>Steps are in bytes, so that each factor is addressed by base + index without arithmetic of its own.</summary>
        void MultiplyAdd(byte* a, nint step, nint step2, V b);

        void Finish(in TileSum sum, nint i);
    }

    /// <summary>
    /// Computes C[0 … count) in the fewest blocks of at most <paramref name="height"/> rows (12 or 6, what the register file holds), and
    /// these as equal as can be: a low block would wait for its own sums.
    /// </summary>
    public static void Run(in TileSum sum, int count, int height)
    {
        var blocks = (count + height - 1) / height;
        var (low, higher) = Math.DivRem(count, blocks);
        if (higher > 0) Blocks(sum, 0, low + 1, higher);
        Blocks(sum, higher * (low + 1), low, blocks - higher);
    }

    /// <summary>As many <paramref name="blocks"/> of <paramref name="rows"/> rows each, from row <paramref name="first"/> on.</summary>
    private static void Blocks(in TileSum sum, int first, int rows, int blocks)
    {
        switch (rows)
        {
            case 1: Run<One, None, None, None>(sum, first, blocks); break;
            case 2: Run<Two, None, None, None>(sum, first, blocks); break;
            case 3: Run<Three, None, None, None>(sum, first, blocks); break;
            case 4: Run<Three, One, None, None>(sum, first, blocks); break;
            case 5: Run<Three, Two, None, None>(sum, first, blocks); break;
            case 6: Run<Three, Three, None, None>(sum, first, blocks); break;
            case 7: Run<Three, Three, One, None>(sum, first, blocks); break;
            case 8: Run<Three, Three, Two, None>(sum, first, blocks); break;
            case 9: Run<Three, Three, Three, None>(sum, first, blocks); break;
            case 10: Run<Three, Three, Three, One>(sum, first, blocks); break;
            case 11: Run<Three, Three, Three, Two>(sum, first, blocks); break;
            case 12: Run<Three, Three, Three, Three>(sum, first, blocks); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T0, T3, T6, T9>(in TileSum whole, int first, int blocks)
        where T0 : struct, IRows<T0>
        where T3 : struct, IRows<T3>
        where T6 : struct, IRows<T6>
        where T9 : struct, IRows<T9>
    {
        var sum = whole;
        nint step = sum.AStep * sizeof(float), step2 = 2 * step, step3 = 3 * step, term = sum.ATerm * sizeof(float), bTerm = sum.BTerm;
        for (var repeat = 0; repeat < sum.Repeats; repeat++)
        {
            nint i = first;
            for (var block = 0; block < blocks; block++, i += T0.Count + T3.Count + T6.Count + T9.Count)
            {
                T0 c0 = T0.Start(sum, i);
                T3 c3 = T3.Start(sum, i + 3);
                T6 c6 = T6.Start(sum, i + 6);
                T9 c9 = T9.Start(sum, i + 9);
                for (var row = 0; row < sum.Rows; row++)
                {
                    byte* a0 = (byte*)(sum.A[row] + sum.AOffset) + (i * step), a3 = a0 + step3, a6 = a3 + step3, a9 = a6 + step3;
                    var b = sum.B[row] + sum.BOffset;
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
                c0.Finish(sum, i);
                c3.Finish(sum, i + 3);
                c6.Finish(sum, i + 6);
                c9.Finish(sum, i + 9);
            }
            sum.Repeat(1);
        }
    }

    private struct None : IRows<None>
    {
        public static int Count => 0;

        public static None Start(in TileSum sum, nint i) => default;

        public readonly void MultiplyAdd(byte* a, nint step, nint step2, V b) { }

        public readonly void Finish(in TileSum sum, nint i) { }
    }

    private struct One : IRows<One>
    {
        private V c0;

        public static int Count => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static One Start(in TileSum sum, nint i) => new() { c0 = TEnds.Start(sum, i) };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(byte* a, nint step, nint step2, V b) => c0 = V.MultiplyAdd(b, (float*)a, c0);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Finish(in TileSum sum, nint i) => TEnds.Store(sum, TEnds.Finish(sum, i, c0), sum.C + (i * sum.CStep));
    }

    private struct Two : IRows<Two>
    {
        private V c0, c1;

        public static int Count => 2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Two Start(in TileSum sum, nint i) => new() { c0 = TEnds.Start(sum, i), c1 = TEnds.Start(sum, i + 1) };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(byte* a, nint step, nint step2, V b)
        {
            c0 = V.MultiplyAdd(b, (float*)a, c0);
            c1 = V.MultiplyAdd(b, (float*)(a + step), c1);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Finish(in TileSum sum, nint i)
        {
            TEnds.Store(sum, TEnds.Finish(sum, i, c0), sum.C + (i * sum.CStep));
            TEnds.Store(sum, TEnds.Finish(sum, i + 1, c1), sum.C + ((i + 1) * sum.CStep));
        }
    }

    private struct Three : IRows<Three>
    {
        private V c0, c1, c2;

        public static int Count => 3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Three Start(in TileSum sum, nint i) =>
            new() { c0 = TEnds.Start(sum, i), c1 = TEnds.Start(sum, i + 1), c2 = TEnds.Start(sum, i + 2) };

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(byte* a, nint step, nint step2, V b)
        {
            c0 = V.MultiplyAdd(b, (float*)a, c0);
            c1 = V.MultiplyAdd(b, (float*)(a + step), c1);
            c2 = V.MultiplyAdd(b, (float*)(a + step2), c2);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Finish(in TileSum sum, nint i)
        {
            TEnds.Store(sum, TEnds.Finish(sum, i, c0), sum.C + (i * sum.CStep));
            TEnds.Store(sum, TEnds.Finish(sum, i + 1, c1), sum.C + ((i + 1) * sum.CStep));
            TEnds.Store(sum, TEnds.Finish(sum, i + 2, c2), sum.C + ((i + 2) * sum.CStep));
        }
    }
}
