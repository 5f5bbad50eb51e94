using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>
/// The products of tiles at a row of points, summed and transformed into columns of outputs. Short sums in six points are transformed while they are in
/// registers, 24 of them: to store them and read them again would take a good part of the time of their multiplications.
/// </summary>
internal static unsafe class WinogradSums<TForm, V>
    where TForm : struct, IWinogradForm
    where V : struct, ISimd<V>
{
    /// <summary>Tiles are computed so many at a time: what lies behind the last one is read, and half has room for it.</summary>
    public const int TilesTogether = 4;

    private const int Points = 6;

    /// <summary>
    /// half[q, tile, k] = Σ_j Aᵀ[q, j]·C[j, tile, k] for the sums C that <paramref name="sum"/> makes of <paramref name="tiles"/> tiles by
    /// <paramref name="channels"/> output channels; its repeats are the points j, at equal distances in A and B. Planes q of half are
    /// <paramref name="plane"/> elements long, as are those of <see cref="TileSum.C"/>.
    /// </summary>
    public static void Run(in TileSum sum, int tiles, int channels, float* half, nint plane)
    {
        if (Fit(sum, channels, 2)) InRegisters<TwoTiles>(sum, tiles, channels, half, plane);
        else if (channels == V.Width && Fit(sum, channels, 1)) InRegisters<FourTiles>(sum, tiles, channels, half, plane);
        else InMemory(sum, tiles, channels, half, plane); // more vectors one at a time read more factors than they save stores
    }

    /// <summary>Whether there are registers, channels that fill so many vectors, and room in the first-level cache for the factors that all tiles share.</summary>
    private static bool Fit(in TileSum sum, int channels, int vectors) =>
        typeof(TForm) == typeof(F43) && V.Width == 16 && channels % (vectors * V.Width) == 0
        && Points * sum.Rows * sum.Terms * vectors * V.Width * sizeof(float) <= Tiles.FirstLevelCache;

    /// <summary>The same by way of <see cref="TileSum.C"/>.</summary>
    internal static void InMemory(in TileSum sum, int tiles, int channels, float* half, nint plane)
    {
        Tiles.Run(sum, TileEnds.Plain, tiles, channels);
        WinogradSteps<TForm, V>.HalfOutput(sum.C, plane, half);
    }

    /// <summary>The same without; of F(4, 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void InRegisters<TSums>(in TileSum sum, int tiles, nint channels, float* half, nint plane)
        where TSums : struct, ISums
    {
        nint aPlane = (nint)(sum.A[sum.ARepeat] - sum.A[0]), bPlane = (nint)(sum.B[sum.BRepeat] - sum.B[0]), terms = sum.Terms, step = sum.AStep, aTerm = sum.ATerm, bTerm = sum.BTerm;
        for (nint k = 0; k < channels; k += TSums.Vectors * V.Width)
        for (nint tile = 0; tile < tiles; tile += TSums.Tiles)
        {
            TSums s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default;
            for (var row = 0; row < sum.Rows; row++)
            {
                float* a0 = sum.A[row] + sum.AOffset + (tile * step), a1 = a0 + step, a2 = a1 + step, a3 = a2 + step, b = sum.B[row] + sum.BOffset + k;
                float* c0 = a0 + (3 * aPlane), c1 = c0 + step, c2 = c1 + step, c3 = c2 + step, d = b + (3 * bPlane);
                for (var t = terms; t > 0; t--)
                {
                    s0.MultiplyAdd(a0, a1, a2, a3, b);
                    s1.MultiplyAdd(a0 + aPlane, a1 + aPlane, a2 + aPlane, a3 + aPlane, b + bPlane);
                    s2.MultiplyAdd(a0 + (2 * aPlane), a1 + (2 * aPlane), a2 + (2 * aPlane), a3 + (2 * aPlane), b + (2 * bPlane));
                    s3.MultiplyAdd(c0, c1, c2, c3, d);
                    s4.MultiplyAdd(c0 + aPlane, c1 + aPlane, c2 + aPlane, c3 + aPlane, d + bPlane);
                    s5.MultiplyAdd(c0 + (2 * aPlane), c1 + (2 * aPlane), c2 + (2 * aPlane), c3 + (2 * aPlane), d + (2 * bPlane));
                    a0 += aTerm;
                    a1 += aTerm;
                    a2 += aTerm;
                    a3 += aTerm;
                    b += bTerm;
                    c0 += aTerm;
                    c1 += aTerm;
                    c2 += aTerm;
                    c3 += aTerm;
                    d += bTerm;
                }
            }
            var to = half + (tile * channels) + k;
            Output(s0.First, s1.First, s2.First, s3.First, s4.First, s5.First, to, plane);
            to += TSums.Vectors == 2 ? V.Width : channels;
            Output(s0.Second, s1.Second, s2.Second, s3.Second, s4.Second, s5.Second, to, plane);
            to += TSums.Vectors == 2 ? channels - V.Width : channels;
            Output(s0.Third, s1.Third, s2.Third, s3.Third, s4.Third, s5.Third, to, plane);
            to += TSums.Vectors == 2 ? V.Width : channels;
            Output(s0.Fourth, s1.Fourth, s2.Fourth, s3.Fourth, s4.Fourth, s5.Fourth, to, plane);
        }
    }

    /// <summary>The very sums of <see cref="WinogradPoints{TForm, V}.Output"/>, bit for bit, spelled out: behind its sources and sinks the JIT spills registers, and the whole takes twice as long.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Output(V m0, V m1, V m2, V m3, V m4, V m5, float* to, nint plane)
    {
        V p1 = V.Add(m1, m2), q1 = V.Subtract(m1, m2), p2 = V.Add(m3, m4), q2 = V.Subtract(m3, m4);
        V.Store(V.Add(V.Add(m0, p1), p2), to);
        V.Store(V.MultiplyAdd(V.Of(2), q2, q1), to + plane);
        V.Store(V.MultiplyAdd(V.Of(4), p2, p1), to + (2 * plane));
        V.Store(V.MultiplyAdd(V.Of(8), q2, V.Add(q1, m5)), to + (3 * plane));
    }

    /// <summary>Four sums at one point, of neighbouring tiles and vectors of channels.</summary>
    internal interface ISums
    {
        static abstract int Tiles { get; }

        static abstract int Vectors { get; }

        V First { get; }

        V Second { get; }

        V Third { get; }

        V Fourth { get; }

        /// <summary>Adds the products of a scalar for each tile with the vectors at <paramref name="b"/>.</summary>
        void MultiplyAdd(float* a0, float* a1, float* a2, float* a3, float* b);
    }

    /// <summary>Two tiles by two vectors: reads the fewest factors.</summary>
    internal struct TwoTiles : ISums
    {
        private V first, second, third, fourth;

        public static int Tiles => 2;

        public static int Vectors => 2;

        public readonly V First => first;

        public readonly V Second => second;

        public readonly V Third => third;

        public readonly V Fourth => fourth;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(float* a0, float* a1, float* a2, float* a3, float* b)
        {
            V low = V.Load(b), high = V.Load(b + V.Width), one = V.Broadcast(a0), two = V.Broadcast(a1);
            first = V.MultiplyAdd(low, one, first);
            second = V.MultiplyAdd(high, one, second);
            third = V.MultiplyAdd(low, two, third);
            fourth = V.MultiplyAdd(high, two, fourth);
        }
    }

    /// <summary>Four tiles by a vector.</summary>
    internal struct FourTiles : ISums
    {
        private V first, second, third, fourth;

        public static int Tiles => 4;

        public static int Vectors => 1;

        public readonly V First => first;

        public readonly V Second => second;

        public readonly V Third => third;

        public readonly V Fourth => fourth;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void MultiplyAdd(float* a0, float* a1, float* a2, float* a3, float* b)
        {
            var v = V.Load(b);
            first = V.MultiplyAdd(v, a0, first);
            second = V.MultiplyAdd(v, a1, second);
            third = V.MultiplyAdd(v, a2, third);
            fourth = V.MultiplyAdd(v, a3, fourth);
        }
    }
}
