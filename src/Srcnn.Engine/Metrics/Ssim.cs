using System.Numerics;
using Plane = Srcnn.Engine.Imaging.Plane;

namespace Srcnn.Engine.Metrics;

/// <summary>
/// Structural similarity (Wang et al. 2004) on 8-bit values: 11×11 Gaussian window of σ 1.5, K₁ 0.01, K₂ 0.03, L 255,
/// mean over the positions where the window fits. 1 for equal pictures.
/// </summary>
public static class Ssim
{
    /// <summary>Side of the window in pixels; pictures must not be smaller after shaving.</summary>
    public const int WindowSize = 11;

    private const double C1 = 0.01 * 255 * (0.01 * 255), C2 = 0.03 * 255 * (0.03 * 255);

    private static readonly double[] Window = GaussianWindow();

    /// <summary>Both planes times 255, clipped and rounded half up, without a border of <paramref name="shave"/> pixels.</summary>
    public static double Compute(Plane actual, Plane expected, int shave = 0)
    {
        Shaved.Check(actual, expected, shave, WindowSize);
        return Compute(actual.ToBytes(), expected.ToBytes(), actual.Width, actual.Height, shave);
    }

    /// <summary>The same on values that are 8-bit already.</summary>
    public static double Compute(byte[] actual, byte[] expected, int width, int height, int shave = 0)
    {
        Shaved.Check(actual.Length, expected.Length, width, height, shave, WindowSize);
        var columns = width - 2 * shave;
        var rows = height - 2 * shave - WindowSize + 1;
        var sums = new double[rows]; // one per row, added in order: the same bits on any number of threads
        Parallel.For(0, rows, () => new double[5 * columns], (y, _, moments) =>
        {
            sums[y] = RowSum(actual, expected, (y + shave) * width + shave, width, moments.AsSpan());
            return moments;
        }, static _ => { });
        return sums.Sum() / ((double)rows * (columns - WindowSize + 1));
    }

    /// <summary>Sum of the index over one row of window positions, the topmost input row starting at <paramref name="first"/>.</summary>
    /// <param name="moments">[5, columns]: scratch for the vertically weighted a, e, a², e², ae.</param>
    private static double RowSum(byte[] actual, byte[] expected, int first, int width, Span<double> moments)
    {
        var columns = moments.Length / 5;
        moments.Clear();
        var a = moments[..columns];
        var e = moments.Slice(columns, columns);
        var aa = moments.Slice(2 * columns, columns);
        var ee = moments.Slice(3 * columns, columns);
        var ae = moments.Slice(4 * columns, columns);
        for (var r = 0; r < WindowSize; r++)
        {
            var rowA = actual.AsSpan(first + r * width, columns);
            var rowE = expected.AsSpan(first + r * width, columns);
            var w = Window[r];
            for (var x = 0; x < columns; x++)
            {
                double va = rowA[x], ve = rowE[x];
                a[x] += w * va;
                e[x] += w * ve;
                aa[x] += w * (va * va);
                ee[x] += w * (ve * ve);
                ae[x] += w * (va * ve);
            }
        }

        var total = 0.0;
        var x0 = 0;
        for (; x0 + WindowSize - 1 + Vector<double>.Count <= columns; x0 += Vector<double>.Count)
            total += Vector.Sum(Index(Weigh(a, x0), Weigh(e, x0), Weigh(aa, x0), Weigh(ee, x0), Weigh(ae, x0)));
        for (; x0 + WindowSize <= columns; x0++)
            total += Index(new(WeighOne(a, x0)), new(WeighOne(e, x0)), new(WeighOne(aa, x0)), new(WeighOne(ee, x0)), new(WeighOne(ae, x0)))[0];
        return total;
    }

    private static Vector<double> Index(
        Vector<double> a, Vector<double> e, Vector<double> aa, Vector<double> ee, Vector<double> ae)
    {
        var (c1, c2) = (new Vector<double>(C1), new Vector<double>(C2));
        var (squareA, squareE, product) = (a * a, e * e, a * e);
        return (2.0 * product + c1) * (2.0 * (ae - product) + c2)
             / ((squareA + squareE + c1) * (aa - squareA + (ee - squareE) + c2));
    }

    private static Vector<double> Weigh(ReadOnlySpan<double> moment, int x)
    {
        var sum = Vector<double>.Zero;
        for (var s = 0; s < WindowSize; s++)
            sum += Window[s] * new Vector<double>(moment.Slice(x + s, Vector<double>.Count));
        return sum;
    }

    private static double WeighOne(ReadOnlySpan<double> moment, int x)
    {
        var sum = 0.0;
        for (var s = 0; s < WindowSize; s++) sum += Window[s] * moment[x + s];
        return sum;
    }

    private static double[] GaussianWindow()
    {
        var window = new double[WindowSize];
        for (var i = 0; i < WindowSize; i++) window[i] = Math.Exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
        var sum = window.Sum();
        return Array.ConvertAll(window, w => w / sum);
    }
}
