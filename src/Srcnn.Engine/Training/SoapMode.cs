using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>One mode of a tensor seen as [outer, extent, inner]: the covariance of its gradient along that mode and its eigenvectors.</summary>
internal sealed unsafe class SoapMode : IDisposable
{
    private readonly int outer, inner;
    private readonly Scratch bases = new(), buffer = new();

    /// <param name="outer">Product of the extents before the mode.</param>
    /// <param name="extent">Extent of the mode.</param>
    /// <param name="inner">Product of the extents behind it.</param>
    public SoapMode(int outer, int extent, int inner)
    {
        (this.outer, Extent, this.inner) = (outer, extent, inner);
        (Covariance, Basis) = (new float[extent * extent], new float[extent * extent]);
        for (var i = 0; i < extent; i++) Basis[(i * extent) + i] = 1;
        Refresh(sweeps: 0);
    }

    public int Extent { get; }

    /// <summary>[extent, extent].</summary>
    public float[] Covariance { get; }

    /// <summary>[extent, extent]; eigenvectors are the columns.</summary>
    public float[] Basis { get; }

    private int Square => Extent * Extent;

    /// <summary>Covariance = decay·Covariance + (1−decay)·Σ g·gᵀ over all fibres g along the mode. The gradient may be read up to 60 bytes past its end.</summary>
    public void Accumulate(float* gradient, float decay)
    {
        var length = outer * Extent * inner;
        float* sums = buffer.Rent(Square + 16 + length), across = sums + Square + 16;
        if (inner == 1) MatrixProduct.Sum(1, gradient, 0, 1, Extent, gradient, sums, Extent, outer, Extent);
        else
        {
            Transpose(gradient, across);
            MatrixProduct.Sum(outer, gradient, Extent * inner, inner, 1, across, sums, Extent, inner, Extent);
        }
        for (var i = 0; i < Square; i++) Covariance[i] = (decay * Covariance[i]) + ((1 - decay) * sums[i]);
    }

    /// <summary>Follows the covariance with sweeps of Jacobi rotations that start from the basis so far.</summary>
    public void Refresh(int sweeps)
    {
        Eigenbasis.Refine(Covariance, Basis, Extent, sweeps);
        float* basis = bases.Rent((2 * Square) + 16), transposed = basis + Square + 16;
        for (var i = 0; i < Extent; i++)
        for (var j = 0; j < Extent; j++)
            basis[(i * Extent) + j] = transposed[(j * Extent) + i] = Basis[(i * Extent) + j];
    }

    /// <summary>destination[o, i, :] = Σₖ Basis[k, i]·source[o, k, :]; <paramref name="back"/> takes Basis[i, k]. The source may be read up to 60 bytes past its end.</summary>
    public void Rotate(float* source, float* destination, bool back)
    {
        float* basis = bases.Rent((2 * Square) + 16), transposed = basis + Square + 16;
        if (inner == 1) MatrixProduct.Each(1, source, Extent, 1, back ? transposed : basis, destination, outer, Extent, Extent);
        else MatrixProduct.Each(outer, back ? basis : transposed, Extent, 1, source, destination, Extent, Extent, inner);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        bases.Dispose();
        buffer.Dispose();
    }

    /// <summary>[outer, extent, inner] → [outer, inner, extent].</summary>
    private void Transpose(float* source, float* destination)
    {
        for (var o = 0; o < outer; o++, source += Extent * inner, destination += Extent * inner)
        for (var j = 0; j < inner; j++)
        for (var i = 0; i < Extent; i++)
            destination[(j * Extent) + i] = source[(i * inner) + j];
    }
}
