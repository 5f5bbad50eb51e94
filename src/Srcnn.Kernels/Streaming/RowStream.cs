namespace Srcnn.Kernels;

/// <summary>
/// Runs a chain of <see cref="IRowOp"/>s over a picture without ever holding a full-size feature map: workers take column panels and push
/// a few rows at a time through all layers, each keeping only the rows its successor still needs. The rings of a panel fit a core's
/// second-level cache. Every pixel is computed in the same order of operations whatever the panel, so panels and threads change no bit.
/// </summary>
internal sealed unsafe class RowStream : IDisposable
{
    /// <summary>Bytes of rings per worker: half of a common second-level cache.</summary>
    private const int PanelBytes = 1024 * 1024;

    private const int DefaultChunk = 4, MinPanel = 32;

    private readonly IReadOnlyList<IRowOp> ops;
    private readonly int inChannels, workers, chunk, panel;
    private readonly RowRing[][] rings;

    /// <param name="ops">The chain; not empty. Owned.</param>
    /// <param name="inChannels">Channels of the picture.</param>
    /// <param name="workers">Panels worked on at once.</param>
    /// <param name="chunk">Rows pushed at a time; 0 chooses.</param>
    /// <param name="panel">Columns of a panel; 0 chooses.</param>
    public RowStream(IReadOnlyList<IRowOp> ops, int inChannels, int workers, int chunk = 0, int panel = 0)
    {
        (this.ops, this.inChannels, this.workers, this.panel) = (ops, inChannels, workers, panel);
        this.chunk = chunk > 0 ? chunk : DefaultChunk;
        rings = [.. Enumerable.Range(0, workers).Select(_ => Rings().ToArray())];
    }

    private int OutChannels => ops[^1].OutChannels;

    /// <summary>Picture [height, width, channels] in, [height, width, OutChannels] out.</summary>
    public void Run(ReadOnlyMemory<float> picture, int height, int width, Memory<float> output)
    {
        foreach (var op in ops) op.Prepare();
        var columns = panel > 0 ? Math.Min(panel, width) : Panel(width);
        Workforce.Run(workers, (width + columns - 1) / columns, (index, worker) =>
            RunPanel(rings[worker], picture.Span, height, width, index * columns, Math.Min(width, (index + 1) * columns), output.Span));
        GC.KeepAlive(this); // the workers hold pointers into memory that finalizers free
    }

    private void RunPanel(RowRing[] ring, ReadOnlySpan<float> picture, int height, int width, int x0, int x1, Span<float> output)
    {
        // Each layer's columns are those its successor reads, widened to its own blocks; the last one's are the panel.
        var (first, last) = (x0, x1);
        for (var i = ops.Count; i > 0; i--)
        {
            var op = ops[i - 1];
            int from = Math.Max(first, 0) / op.Step * op.Step, to = RoundUp(Math.Min(last, width), op.Step);
            ring[i].Reset(Math.Min(first, from), Math.Max(last, to), width, height);
            (first, last) = (from - op.Left, to + op.Right);
        }
        ring[0].Reset(first, last, width, height);
        var source = ring[0].Columns;
        Push(ring, picture, height, width, source.From, source.To, x0, x1, output);
    }

    private void Push(RowRing[] ring, ReadOnlySpan<float> picture, int height, int width, int from, int to, int x0, int x1, Span<float> output)
    {
        int inLength = (to - from) * inChannels, outLength = (x1 - x0) * OutChannels, written = 0;
        while (written < height)
        {
            var end = Math.Min(Math.Min(height, ring[0].End + chunk), Room(ring, 0, written));
            for (var y = ring[0].End; y < end; y++)
                picture.Slice(((y * width) + from) * inChannels, inLength).CopyTo(new Span<float>(ring[0].At(y, from), inLength));
            ring[0].Advance(end);
            for (var i = 0; i < ops.Count; i++)
            {
                // All rows whose input is complete (below the last input row there is only padding) and for which there is room.
                var ready = Math.Min(ring[i].End == height ? height : ring[i].End - ops[i].Below, Room(ring, i + 1, written));
                if (ready < height) ready = Math.Max(ready / ops[i].Step * ops[i].Step, ring[i + 1].End);
                var (c0, c1) = ring[i + 1].Columns;
                ops[i].Run(ring[i], ring[i + 1], ring[i + 1].End, ready, c0, c1);
                ring[i + 1].Advance(ready);
            }
            for (; written < ring[^1].End; written++)
                new ReadOnlySpan<float>(ring[^1].At(written, x0), outLength).CopyTo(output.Slice(((written * width) + x0) * OutChannels, outLength));
        }
    }

    /// <summary>The row up to which ring <paramref name="index"/> may be filled without overwriting what its reader still needs.</summary>
    private int Room(RowRing[] ring, int index, int written)
    {
        var needed = index == ops.Count ? written : Math.Max(0, ring[index + 1].End - ops[index].Above);
        return needed + Capacity(index);
    }

    /// <summary>The picture's ring and one behind each op.</summary>
    private IEnumerable<RowRing> Rings()
    {
        for (var i = 0; i <= ops.Count; i++)
        {
            var channels = i == 0 ? inChannels : ops[i - 1].OutChannels;
            yield return new RowRing(channels, Capacity(i), i < ops.Count ? ops[i].Mode : PaddingMode.Zero);
        }
    }

    /// <summary>Rows kept: those one output row of the reader needs, a chunk for it to work on, and what the blocks of reader and writer leave over.</summary>
    private int Capacity(int ring)
    {
        var writer = ring > 0 ? ops[ring - 1].Step : 1;
        if (ring == ops.Count) return Math.Max(chunk, writer);
        var step = Math.Max(writer, ops[ring].Step);
        return Math.Max(chunk, step) + step - 1 + ops[ring].Above + ops[ring].Below;
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;

    private int Panel(int width)
    {
        var bytesPerColumn = Enumerable.Range(0, ops.Count + 1).Sum(i => Capacity(i) * (i == 0 ? inChannels : ops[i - 1].OutChannels) * sizeof(float));
        var fitting = Math.Max(MinPanel, PanelBytes / bytesPerColumn);
        // As many panels as workers, or a multiple, so that all finish together.
        var rounds = (width + (fitting * workers) - 1) / (fitting * workers);
        return Math.Max(1, (width + (rounds * workers) - 1) / (rounds * workers));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var ring in rings.SelectMany(r => r)) ring.Dispose();
        foreach (var op in ops) op.Dispose();
    }
}
