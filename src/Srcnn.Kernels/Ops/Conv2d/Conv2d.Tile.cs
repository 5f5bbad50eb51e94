using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// The sum that all three passes of a convolution are made of:
/// C[i, v] = finish(initial[i, v] + Σ_row Σ_t A[row][i·AStep + t·ATerm] · B[row][t·BTerm + v]), a scalar of A times a vector of B.
/// Forward and input gradient: i is a pixel, t a tap and input channel, v an output channel.
/// Weight gradient: i is a tap and input channel, t a pixel, v an output channel.
/// </summary>
internal unsafe struct TileSum
{
    /// <summary>One pointer per row into the factors that are broadcast, at i = 0 and t = 0.</summary>
    public float** A;

    /// <summary>One pointer per row into the factors that are read as vectors. <see cref="Tiles.Run"/> advances them.</summary>
    public float** B;

    public int Rows;

    /// <summary>Terms per row.</summary>
    public nint Terms;

    public nint AStep, ATerm, BTerm;

    /// <summary>Where the sum starts; null for zero. <see cref="InitialStep"/> 0 gives every i the same start (a bias).</summary>
    public float* Initial;

    public nint InitialStep;

    public float* C;

    public nint CStep;

    /// <summary>Finish with max(·, 0).</summary>
    public bool Rectify;

    /// <summary>Finish with 0 where this is not positive; null for no mask. Same layout as <see cref="C"/>.</summary>
    public float* Mask;

    /// <summary>Lanes of the last vector block that exist; the rest is computed and thrown away.</summary>
    public int Lanes;
}

/// <summary>
/// Runs a <see cref="TileSum"/> in register blocks of 12, 6, 3 or 1 rows of C. Eight or more independent sums hide the latency of a
/// multiply–add. Every element is summed in the order (row, term) whatever block it falls in, so blocking never changes a bit.
/// </summary>
internal static unsafe class Tile<V>
    where V : struct, ISimd<V>
{
    /// <summary>Computes C[0 … count), in blocks of at most <paramref name="height"/> rows (12, 6 or 3, what the register file holds).</summary>
    public static void Run(TileSum sum, int count, int height, float** scratch)
    {
        // The callee's A pointers advance with i; B stays.
        for (var done = 0; done < count;)
        {
            var left = count - done;
            for (var row = 0; row < sum.Rows; row++) scratch[row] = sum.A[row] + (done * sum.AStep);
            var part = sum;
            part.A = scratch;
            part.Initial = sum.Initial == null ? null : sum.Initial + (done * sum.InitialStep);
            part.C = sum.C + (done * sum.CStep);
            part.Mask = sum.Mask == null ? null : sum.Mask + (done * sum.CStep);
            if (left >= 12 && height >= 12) { Twelve(part); done += 12; }
            else if (left >= 6 && height >= 6) { Six(part); done += 6; }
            else if (left >= 3) { Three(part); done += 3; }
            else { One(part); done += 1; }
        }
    }

    /// <summary>Three rows of C in registers.</summary>
    private struct Block
    {
        private V c0, c1, c2;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Start(in TileSum sum, nint i)
        {
            if (sum.Initial == null) return;
            c0 = V.Load(sum.Initial + (i * sum.InitialStep));
            c1 = V.Load(sum.Initial + ((i + 1) * sum.InitialStep));
            c2 = V.Load(sum.Initial + ((i + 2) * sum.InitialStep));
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
            Tile<V>.Finish(sum, i, c0);
            Tile<V>.Finish(sum, i + 1, c1);
            Tile<V>.Finish(sum, i + 2, c2);
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
        var c = sum.Initial == null ? default : V.Load(sum.Initial);
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
        Finish(sum, 0, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in TileSum sum, nint i, V value)
    {
        if (sum.Rectify) value = V.Rectify(value);
        if (sum.Mask != null) value = V.Where(V.Load(sum.Mask + (i * sum.CStep)), value);
        if (sum.Lanes >= V.Width) V.Store(value, sum.C + (i * sum.CStep));
        else StoreLanes(value, sum.C + (i * sum.CStep), sum.Lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreLanes(V value, float* destination, int lanes)
    {
        var all = stackalloc float[V.Width];
        V.Store(value, all);
        new ReadOnlySpan<float>(all, lanes).CopyTo(new Span<float>(destination, lanes));
    }
}

/// <summary>Cuts the vector axis of a <see cref="TileSum"/> into blocks that fill the register file of this processor.</summary>
internal static unsafe class Tiles
{
    /// <summary>Computes <paramref name="count"/> rows of <paramref name="width"/> elements. Vectors may be read up to 60 bytes past the last element of B, Initial and Mask.</summary>
    public static void Run(TileSum sum, int count, int width)
    {
        if (Simd.Width == 16)
        {
            // 32 registers: 24 sums, up to 4 vectors of B and a broadcast.
            sum = Blocks<SimdPair<SimdPair<Simd512>>>(sum, count, ref width, 6);
            sum = Blocks<SimdPair<Simd512>>(sum, count, ref width, 12);
            Blocks<Simd512>(sum, count, ref width, 12, last: true);
        }
        else if (Simd.Width == 8)
        {
            // 16 registers: 12 sums, 2 vectors of B and a broadcast.
            sum = Blocks<SimdPair<Simd256>>(sum, count, ref width, 6);
            Blocks<Simd256>(sum, count, ref width, 12, last: true);
        }
        else
        {
            sum = Blocks<SimdPair<Simd128>>(sum, count, ref width, 6);
            Blocks<Simd128>(sum, count, ref width, 12, last: true);
        }
    }

    /// <summary>Takes whole blocks of V off the front of the vector axis and returns the sum that is left.</summary>
    private static TileSum Blocks<V>(TileSum sum, int count, ref int width, int height, bool last = false)
        where V : struct, ISimd<V>
    {
        var a = stackalloc float*[sum.Rows];
        while (width >= V.Width || (last && width > 0))
        {
            sum.Lanes = Math.Min(width, V.Width);
            Tile<V>.Run(sum, count, height, a);
            var taken = sum.Lanes;
            width -= taken;
            if (width == 0) break;
            for (var row = 0; row < sum.Rows; row++) sum.B[row] += taken;
            if (sum.Initial != null) sum.Initial += taken;
            if (sum.Mask != null) sum.Mask += taken;
            sum.C += taken;
        }
        return sum;
    }
}
