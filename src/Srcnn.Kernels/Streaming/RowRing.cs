namespace Srcnn.Kernels;

/// <summary>How the rows of a map lie in memory.</summary>
internal enum RowLayout
{
    /// <summary>Channels last: vectors run along the channels, which fill them where they are many.</summary>
    Pixels,

    /// <summary>A row of pixels per channel: vectors run along the pixels, whatever the number of channels.</summary>
    Planes,
}

/// <summary>
/// The last rows of one map over a column panel: row y lives at y modulo the capacity. Columns outside the picture that readers need are
/// kept filled; rows outside the picture are answered by the nearest row or by zeros.
/// </summary>
internal sealed unsafe class RowRing : IDisposable
{
    /// <summary>Elements that may be read (and thrown away) past the last column.</summary>
    private const int Overrun = 64;

    /// <summary>Elements of a cache line.</summary>
    private const int Line = 16;

    private readonly Scratch memory = new();
    private readonly int channels;
    private readonly PaddingMode mode;
    private readonly RowLayout layout;
    private float* rows;
    private float* zeros;
    private nint rowLength, lead;
    private int capacity, height, first, last, inside, outside;

    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="mode">What readers see outside the picture.</param>
    public RowRing(int channels, PaddingMode mode, RowLayout layout = RowLayout.Pixels) => (this.channels, this.mode, this.layout) = (channels, mode, layout);

    /// <summary>Columns to produce: those of [first, last) that lie inside the picture.</summary>
    public (int From, int To) Columns => (inside, outside);

    /// <summary>Elements from a pixel to its right neighbour.</summary>
    public int PixelStep => layout == RowLayout.Pixels ? channels : 1;

    /// <summary>Elements from a channel to the next.</summary>
    public nint ChannelStep { get; private set; }

    /// <summary>
    /// Starts over for columns [first, last) of a map of the given size, keeping <paramref name="capacity"/> rows; the columns may reach outside it.
    /// In planes the row of a channel has room for whole vectors from its first column to produce on.
    /// </summary>
    public void Reset(int first, int last, int width, int height, int capacity)
    {
        (this.first, this.last, this.height, this.capacity) = (first, last, height, capacity);
        (inside, outside) = (Math.Max(first, 0), Math.Min(last, width));
        if (layout == RowLayout.Planes)
        {
            // Columns to produce begin at a cache line; an odd number of lines keeps channels and rows out of one cache set.
            lead = RoundUp(inside - first, Line) - (inside - first);
            ChannelStep = (RoundUp(Math.Max((int)lead + last - first, RoundUp(inside - first, Line) + RoundUp(outside - inside, Line)), Line) / Line | 1) * Line;
            rowLength = channels * ChannelStep;
        }
        else
        {
            // A cache line between rows keeps columns of neighbouring rows out of one cache set.
            (lead, ChannelStep) = (0, 1);
            rowLength = (((nint)(last - first) * channels) + 31) / Line * Line;
        }
        rows = memory.Rent(((capacity + 1) * rowLength) + Overrun);
        zeros = rows + (capacity * rowLength);
        new Span<float>(zeros, (int)rowLength + Overrun).Clear();
        if (layout == RowLayout.Planes) return; // what vectors find past a row's end stays in lanes that nobody reads
        // Vectors may reach past a row's end. What they find there counts nothing, but NaN left by an earlier picture would.
        var used = (int)((nint)(last - first) * channels);
        for (var row = 0; row < capacity; row++) new Span<float>(rows + (row * rowLength) + used, (int)rowLength - used).Clear();
    }

    /// <summary>The first channel of pixel x of row y; y may lie outside the picture.</summary>
    public float* At(int y, int x)
    {
        float* row;
        if ((uint)y < (uint)height) row = rows + (y % capacity * rowLength);
        else if (mode == PaddingMode.Zero) row = zeros;
        else row = rows + (Math.Clamp(y, 0, height - 1) % capacity * rowLength);
        return row + lead + ((nint)(x - first) * PixelStep);
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

    /// <summary>Copies a row of pixels, channels last, into columns [from, to) of row y.</summary>
    public void Read(ReadOnlySpan<float> pixels, int y, int from, int to)
    {
        var target = At(y, from);
        if (layout == RowLayout.Pixels || channels == 1) pixels[..((to - from) * channels)].CopyTo(new Span<float>(target, (to - from) * channels));
        else for (var c = 0; c < channels; c++) for (var x = 0; x < to - from; x++) target[(c * ChannelStep) + x] = pixels[(x * channels) + c];
    }

    /// <summary>The way back.</summary>
    public void Write(Span<float> pixels, int y, int from, int to)
    {
        var source = At(y, from);
        if (layout == RowLayout.Pixels || channels == 1) new ReadOnlySpan<float>(source, (to - from) * channels).CopyTo(pixels);
        else for (var c = 0; c < channels; c++) for (var x = 0; x < to - from; x++) pixels[(x * channels) + c] = source[(c * ChannelStep) + x];
    }

    private void Fill(float* pixels, int count, float* border)
    {
        if (count <= 0) return;
        if (layout == RowLayout.Planes)
        {
            for (var c = 0; c < channels; c++, pixels += ChannelStep, border += ChannelStep)
            {
                var value = mode == PaddingMode.Zero ? 0 : *border;
                for (var i = 0; i < count; i++) pixels[i] = value;
            }
        }
        else if (mode == PaddingMode.Zero) new Span<float>(pixels, count * channels).Clear();
        else for (var i = 0; i < count; i++) new ReadOnlySpan<float>(border, channels).CopyTo(new Span<float>(pixels + (i * channels), channels));
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();
}
