namespace Srcnn.Kernels;

/// <summary>
/// Products of matrices in host memory, for what is no op of every backend: the sum that convolutions are made of. A matrix a is read as
/// a[i·aStep + t·aTerm]; b and c hold rows of <c>width</c> elements side by side, and b may be read up to 60 bytes past its end.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>c[n, i, ·] = Σ_t a[i, t] · b[n, t, ·] for every n below <paramref name="count"/>.</summary>
    public static void Each(int count, float* a, nint aStep, nint aTerm, float* b, float* c, int rows, int terms, int width)
    {
        var left = stackalloc float*[count];
        var right = stackalloc float*[count];
        for (var n = 0; n < count; n++)
        {
            left[n] = a;
            right[n] = b + ((nint)n * terms * width);
        }
        Run(
            new TileSum
            {
                A = left, B = right, Rows = 1, Terms = terms, AStep = aStep, ATerm = aTerm, BTerm = width, C = c, CStep = width,
                Repeats = count, ARepeat = 1, BRepeat = 1, CRepeat = (nint)rows * width,
            },
            rows, width);
    }

    /// <summary>c[i, ·] = Σ_n Σ_t a[n, i, t] · b[n, t, ·], the n-th a beginning <paramref name="aNext"/> elements after the one before.</summary>
    public static void Sum(int count, float* a, nint aNext, nint aStep, nint aTerm, float* b, float* c, int rows, int terms, int width)
    {
        var left = stackalloc float*[count];
        var right = stackalloc float*[count];
        for (var n = 0; n < count; n++)
        {
            left[n] = a + (n * aNext);
            right[n] = b + ((nint)n * terms * width);
        }
        Run(new TileSum { A = left, B = right, Rows = count, Terms = terms, AStep = aStep, ATerm = aTerm, BTerm = width, C = c, CStep = width }, rows, width);
    }

    private static void Run(in TileSum sum, int rows, int width) => Tiles.Run(sum, TileEnds.Plain, rows, width);
}
