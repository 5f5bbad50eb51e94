using System.Numerics;

namespace Srcnn.Engine.Training;

/// <summary>One mode of a tensor seen as [outer, extent, inner]: the covariance of its gradient along that mode and its eigenvectors.</summary>
internal sealed class SoapMode
{
    private readonly int inner;
    private readonly float[] transposed;

    /// <param name="extent">Extent of the mode.</param>
    /// <param name="inner">Product of the extents behind it.</param>
    public SoapMode(int extent, int inner)
    {
        (Extent, this.inner) = (extent, inner);
        (Covariance, Basis, transposed) = (new float[extent * extent], new float[extent * extent], new float[extent * extent]);
        for (var i = 0; i < extent; i++) Basis[(i * extent) + i] = transposed[(i * extent) + i] = 1;
    }

    public int Extent { get; }

    /// <summary>[extent, extent].</summary>
    public float[] Covariance { get; }

    /// <summary>[extent, extent]; eigenvectors are the columns.</summary>
    public float[] Basis { get; }

    /// <summary>Covariance = decay·Covariance + (1−decay)·Σ g·gᵀ over all fibres g along the mode.</summary>
    public void Accumulate(ReadOnlySpan<float> gradient, float decay)
    {
        foreach (ref var value in Covariance.AsSpan()) value *= decay;
        // Only the lower half; fibres that lie along memory are rows to add, others are read across, a row of them at once.
        for (var start = 0; start < gradient.Length; start += Extent * inner)
        for (var i = 0; i < Extent; i++)
        {
            var row = Covariance.AsSpan(i * Extent, i + 1);
            if (inner == 1) MultiplyAdd((1 - decay) * gradient[start + i], gradient.Slice(start, i + 1), row);
            else for (var j = 0; j <= i; j++) row[j] += (1 - decay) * Dot(gradient.Slice(start + (i * inner), inner), gradient.Slice(start + (j * inner), inner));
        }
        for (var i = 0; i < Extent; i++)
        for (var j = 0; j < i; j++)
            Covariance[(j * Extent) + i] = Covariance[(i * Extent) + j];
    }

    /// <summary>Follows the covariance with sweeps of Jacobi rotations that start from the basis so far.</summary>
    public void Refresh(int sweeps)
    {
        Eigenbasis.Refine(Covariance, Basis, Extent, sweeps);
        for (var i = 0; i < Extent; i++)
        for (var j = 0; j < Extent; j++)
            transposed[(j * Extent) + i] = Basis[(i * Extent) + j];
    }

    /// <summary>destination[o, i, :] = Σₖ Basis[k, i]·source[o, k, :]; <paramref name="back"/> takes Basis[i, k].</summary>
    public void Rotate(ReadOnlySpan<float> source, Span<float> destination, bool back)
    {
        ReadOnlySpan<float> matrix = back ? transposed : Basis, itsTransposed = back ? Basis : transposed;
        for (var start = 0; start < source.Length; start += Extent * inner)
        {
            var slab = source.Slice(start, Extent * inner);
            if (inner == 1) Combine(slab, matrix, destination.Slice(start, Extent));
            else for (var i = 0; i < Extent; i++) Combine(itsTransposed.Slice(i * Extent, Extent), slab, destination.Slice(start + (i * inner), inner));
        }
    }

    /// <summary>destination = Σₖ factors[k]·rows[k, :], four vectors of it at a time in registers.</summary>
    private static void Combine(ReadOnlySpan<float> factors, ReadOnlySpan<float> rows, Span<float> destination)
    {
        var (lanes, length) = (Vector<float>.Count, destination.Length);
        var i = 0;
        for (; i <= length - (4 * lanes); i += 4 * lanes)
        {
            Vector<float> a = Vector<float>.Zero, b = a, c = a, d = a;
            for (var k = 0; k < factors.Length; k++)
            {
                var factor = new Vector<float>(factors[k]);
                var row = rows.Slice((k * length) + i, 4 * lanes);
                a = Vector.FusedMultiplyAdd(factor, new Vector<float>(row), a);
                b = Vector.FusedMultiplyAdd(factor, new Vector<float>(row[lanes..]), b);
                c = Vector.FusedMultiplyAdd(factor, new Vector<float>(row[(2 * lanes)..]), c);
                d = Vector.FusedMultiplyAdd(factor, new Vector<float>(row[(3 * lanes)..]), d);
            }
            a.CopyTo(destination[i..]);
            b.CopyTo(destination[(i + lanes)..]);
            c.CopyTo(destination[(i + (2 * lanes))..]);
            d.CopyTo(destination[(i + (3 * lanes))..]);
        }
        if (i == length) return;
        destination[i..].Clear();
        for (var k = 0; k < factors.Length; k++) MultiplyAdd(factors[k], rows[((k * length) + i)..((k + 1) * length)], destination[i..]);
    }

    /// <summary>y += a·x.</summary>
    private static void MultiplyAdd(float a, ReadOnlySpan<float> x, Span<float> y)
    {
        var i = 0;
        var factor = new Vector<float>(a);
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.FusedMultiplyAdd(factor, new Vector<float>(x[i..]), new Vector<float>(y[i..])).CopyTo(y[i..]);
        for (; i < x.Length; i++) y[i] = MathF.FusedMultiplyAdd(a, x[i], y[i]);
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var sums = Vector<float>.Zero;
        var i = 0;
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count) sums = Vector.FusedMultiplyAdd(new Vector<float>(x[i..]), new Vector<float>(y[i..]), sums);
        var sum = Vector.Sum(sums);
        for (; i < x.Length; i++) sum += x[i] * y[i];
        return sum;
    }
}
