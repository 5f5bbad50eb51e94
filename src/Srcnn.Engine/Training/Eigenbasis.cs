using System.Numerics;

namespace Srcnn.Engine.Training;

/// <summary>Eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van Loan, §8.5), in double.</summary>
internal static class Eigenbasis
{
    /// <summary>
    /// Turns <paramref name="basis"/> (orthonormal columns) towards the eigenvectors of <paramref name="matrix"/>; warm starts need one sweep.
    /// Orthonormal again afterwards. Both [n, n], row by row.
    /// </summary>
    public static void Refine(ReadOnlySpan<float> matrix, Span<float> basis, int n, int sweeps)
    {
        if (sweeps == 0) return;
        // Columns are kept as rows here, so that a rotation runs along memory: q[j] is the j-th basis vector, a = qᵀ·matrix·q.
        var q = new double[n][];
        for (var j = 0; j < n; j++)
        {
            q[j] = new double[n];
            for (var i = 0; i < n; i++) q[j][i] = basis[(i * n) + j];
        }
        var a = Project(matrix, q, n);
        for (var sweep = 0; sweep < sweeps; sweep++)
        for (var p = 0; p < n; p++)
        for (var r = p + 1; r < n; r++)
        {
            var off = a[p][r];
            if (!(Math.Abs(off) > (1e-9 * Math.Sqrt(Math.Abs(a[p][p] * a[r][r]))) + 1e-300)) continue;
            var theta = (a[r][r] - a[p][p]) / (2 * off);
            var tangent = theta == 0 ? 1 : Math.Sign(theta) / (Math.Abs(theta) + Math.Sqrt(1 + (theta * theta)));
            var cosine = 1 / Math.Sqrt(1 + (tangent * tangent));
            var sine = tangent * cosine;
            Turn(a[p], a[r], cosine, sine);
            foreach (var row in (ReadOnlySpan<double[]>)[a[p], a[r]]) (row[p], row[r]) = ((cosine * row[p]) - (sine * row[r]), (sine * row[p]) + (cosine * row[r]));
            // The matrix is symmetric: its other columns are its rows.
            for (var k = 0; k < n; k++) (a[k][p], a[k][r]) = (a[p][k], a[r][k]);
            Turn(q[p], q[r], cosine, sine);
        }
        Orthonormalize(q);
        for (var j = 0; j < n; j++)
        for (var i = 0; i < n; i++)
            basis[(i * n) + j] = (float)q[j][i];
    }

    private static double[][] Project(ReadOnlySpan<float> matrix, double[][] q, int n)
    {
        var rows = new double[n][];
        for (var i = 0; i < n; i++)
        {
            rows[i] = new double[n];
            for (var k = 0; k < n; k++) rows[i][k] = matrix[(i * n) + k];
        }
        var half = new double[n][];
        for (var j = 0; j < n; j++)
        {
            half[j] = new double[n];
            for (var i = 0; i < n; i++) half[j][i] = Dot(rows[i], q[j]);
        }
        var projected = new double[n][];
        for (var i = 0; i < n; i++)
        {
            projected[i] = new double[n];
            for (var j = 0; j < n; j++) projected[i][j] = Dot(q[i], half[j]);
        }
        return projected;
    }

    /// <summary>x = c·x − s·y and y = s·x + c·y.</summary>
    private static void Turn(double[] x, double[] y, double cosine, double sine)
    {
        var k = 0;
        for (; k <= x.Length - Vector<double>.Count; k += Vector<double>.Count)
        {
            Vector<double> a = new(x, k), b = new(y, k);
            ((a * cosine) - (b * sine)).CopyTo(x, k);
            ((a * sine) + (b * cosine)).CopyTo(y, k);
        }
        for (; k < x.Length; k++) (x[k], y[k]) = ((cosine * x[k]) - (sine * y[k]), (sine * x[k]) + (cosine * y[k]));
    }

    /// <summary>y −= a·x.</summary>
    private static void Subtract(double a, double[] x, double[] y)
    {
        var k = 0;
        for (; k <= x.Length - Vector<double>.Count; k += Vector<double>.Count) (new Vector<double>(y, k) - (new Vector<double>(x, k) * a)).CopyTo(y, k);
        for (; k < x.Length; k++) y[k] -= a * x[k];
    }

    private static double Dot(double[] x, double[] y)
    {
        var sums = Vector<double>.Zero;
        var k = 0;
        for (; k <= x.Length - Vector<double>.Count; k += Vector<double>.Count) sums += new Vector<double>(x, k) * new Vector<double>(y, k);
        var sum = Vector.Sum(sums);
        for (; k < x.Length; k++) sum += x[k] * y[k];
        return sum;
    }

    /// <summary>Gram and Schmidt; the vectors are almost orthonormal already.</summary>
    private static void Orthonormalize(double[][] q)
    {
        for (var j = 0; j < q.Length; j++)
        {
            for (var h = 0; h < j; h++)
            {
                var overlap = Dot(q[j], q[h]);
                Subtract(overlap, q[h], q[j]);
            }
            var scale = 1 / Math.Sqrt(Dot(q[j], q[j]));
            for (var k = 0; k < q.Length; k++) q[j][k] *= scale;
        }
    }
}
