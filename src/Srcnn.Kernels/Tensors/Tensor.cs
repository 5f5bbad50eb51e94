namespace Srcnn.Kernels;

/// <summary>A dense array on one backend, float32 at its boundary. Whoever allocates it disposes it.</summary>
public abstract class Tensor(Shape shape) : IDisposable
{
    /// <summary>Extents, [N, H, W, C].</summary>
    public Shape Shape { get; } = shape;

    /// <summary>Copies <paramref name="source"/> into the tensor.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void CopyFrom(ReadOnlySpan<float> source);

    /// <summary>Copies the tensor into <paramref name="destination"/>; waits for pending kernels.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public abstract void CopyTo(Span<float> destination);

    /// <summary>A window of <paramref name="shape"/> that starts at element <paramref name="offset"/>; it owns nothing and must not outlive this tensor.</summary>
    public abstract Tensor Slice(int offset, Shape shape);

    /// <summary>The elements as a new array.</summary>
    public float[] ToArray()
    {
        var values = new float[Shape.Length];
        CopyTo(values);
        return values;
    }

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Throws unless a host buffer of <paramref name="length"/> elements fits this tensor exactly.</summary>
    protected void CheckLength(int length)
    {
        if (length != Shape.Length) throw new ArgumentException($"a buffer of {length} elements meets a tensor of {Shape}");
    }
}
