namespace Srcnn.Kernels;

/// <summary>
/// The last rows of one map over a column panel, channels last: row y lives at y modulo the capacity. Columns outside the
/// picture that readers need are kept filled; rows outside the picture are answered by the nearest row or by zeros.
/// </summary>
internal sealed unsafe class RowRing : IDisposable
{
    /// <summary>Elements that may be read (and thrown away) past the last column.</summary>
    private const int Overrun = 64;

    private readonly Scratch memory = new();
    private readonly int channels;
    private readonly PaddingMode mode;
    private float* rows;
    private float* zeros;
    private nint rowLength;
    private int capacity, height, first, last, inside, outside;

    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="mode">What readers see outside the picture.</param>
    public RowRing(int channels, PaddingMode mode) => (this.channels, this.mode) = (channels, mode);

    /// <summary>Columns to produce: those of [first, last) that lie inside the picture.</summary>
    public (int From, int To) Columns => (inside, outside);

    /// <summary>Starts over for columns [first, last) of a map of the given size, keeping <paramref name="capacity"/> rows; the columns may reach outside it.</summary>
    public void Reset(int first, int last, int width, int height, int capacity)
    {
        (this.first, this.last, this.height, this.capacity) = (first, last, height, capacity);
        (inside, outside) = (Math.Max(first, 0), Math.Min(last, width));
        // A cache line between rows keeps columns of neighbouring rows out of one cache set.
        rowLength = (((nint)(last - first) * channels) + 31) / 16 * 16;
        rows = memory.Rent(((capacity + 1) * rowLength) + Overrun);
        zeros = rows + (capacity * rowLength);
        // Vectors may reach past a row's end. What they find there counts nothing, but NaN left by an earlier picture would.
        var used = (int)((nint)(last - first) * channels);
        for (var row = 0; row < capacity; row++) new Span<float>(rows + (row * rowLength) + used, (int)rowLength - used).Clear();
        new Span<float>(zeros, (int)rowLength + Overrun).Clear();
    }

    /// <summary>Pixel x of row y; y may lie outside the picture.</summary>
    public float* At(int y, int x)
    {
        float* row;
        if ((uint)y < (uint)height) row = rows + (y % capacity * rowLength);
        else if (mode == PaddingMode.Zero) row = zeros;
        else row = rows + (Math.Clamp(y, 0, height - 1) % capacity * rowLength);
        return row + ((nint)(x - first) * channels);
    }

    /// <summary>Fills the columns outside the picture of rows [from, to), which are then there to be read.</summary>
    public void Pad(int from, int to)
    {
        for (var y = from; y < to; y++)
        {
            Fill(At(y, first), inside - first, At(y, inside));
            Fill(At(y, outside), last - outside, At(y, outside - 1));
        }
    }

    private void Fill(float* pixels, int count, float* border)
    {
        if (count <= 0) return;
        if (mode == PaddingMode.Zero) new Span<float>(pixels, count * channels).Clear();
        else for (var i = 0; i < count; i++) new ReadOnlySpan<float>(border, channels).CopyTo(new Span<float>(pixels + (i * channels), channels));
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
