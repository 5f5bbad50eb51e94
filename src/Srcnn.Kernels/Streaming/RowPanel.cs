namespace Srcnn.Kernels;

/// <summary>A column panel of a picture in the streaming executor: a ring of rows for every map, kept from band to band.</summary>
internal sealed unsafe class RowPanel : IDisposable
{
    private readonly RowGraph graph;
    private readonly Profile? profile;
    private readonly RowRing[] rings;
    private readonly RowRing[][] inputs;
    private int width, x0, x1;

    public RowPanel(RowGraph graph, Profile? profile)
    {
        (this.graph, this.profile) = (graph, profile);
        (rings, inputs) = (new RowRing[graph.Last + 1], new RowRing[graph.Last + 1][]);
        for (var map = 0; map <= graph.Last; map++)
        {
            rings[map] = new RowRing(graph.Channels(map), graph.Mode(map), graph.Layout);
            inputs[map] = map == 0 ? [] : Array.ConvertAll(graph.Maker(map).Inputs, input => rings[input]);
        }
    }

    /// <summary>Starts over as columns [x0, x1) of the result of a picture of the given width.</summary>
    /// <param name="heights">Rows of every map.</param>
    /// <param name="depths">Rows of every map to keep.</param>
    public void Reset(int x0, int x1, int width, IReadOnlyList<int> heights, IReadOnlyList<int> depths)
    {
        (this.width, this.x0, this.x1) = (width, x0, x1);
        // A map's columns are those its readers read, widened to the blocks of its own op; the last one's are the panel.
        var needed = new (int First, int Last)[rings.Length];
        for (var map = 0; map < graph.Last; map++) needed[map] = (int.MaxValue, int.MinValue);
        needed[^1] = (x0, x1);
        for (var map = graph.Last; map >= 0; map--)
        {
            var (first, last) = needed[map];
            var mapWidth = width * graph.Scale(map);
            if (map > 0)
            {
                var (op, maps) = graph.Maker(map);
                int from = Math.Max(first, 0) / op.ColumnStep * op.ColumnStep, to = (Math.Min(last, mapWidth) + op.ColumnStep - 1) / op.ColumnStep * op.ColumnStep;
                (first, last) = (Math.Min(first, from), Math.Max(last, to));
                foreach (var input in maps)
                {
                    needed[input] = (
                        Math.Min(needed[input].First, (from / op.Scale) - op.Left),
                        Math.Max(needed[input].Last, (to / op.Scale) + op.Right));
                }
            }
            rings[map].Reset(first, last, mapWidth, heights[map], depths[map]);
        }
    }

    /// <summary>Makes the rows of <paramref name="moves"/>.</summary>
    /// <param name="source">Rows of the whole picture from <paramref name="sourceFrom"/> on.</param>
    /// <param name="output">Rows of the whole result from <paramref name="outputFrom"/> on.</param>
    public void Run(List<RowMove> moves, ReadOnlySpan<float> source, int sourceFrom, Span<float> output, int outputFrom)
    {
        foreach (var (map, from, to) in moves)
        {
            var ring = rings[map];
            var (first, last) = ring.Columns;
            if (map == 0) Read(source, sourceFrom, from, to, first, last);
            else Make(map, from, to, first, last);
            ring.Pad(from, to);
            if (map == graph.Last) Write(output, outputFrom, from, to);
        }
    }

    private void Make(int map, int from, int to, int first, int last)
    {
        var maker = graph.Maker(map);
        using var timed = profile?.Begin(maker.Name, maker.Flops * (to - from) * (last - first));
        maker.Op.Run(inputs[map], rings[map], from, to, first, last);
    }

    private void Read(ReadOnlySpan<float> source, int sourceFrom, int from, int to, int first, int last)
    {
        var channels = graph.Channels(0);
        for (var y = from; y < to; y++) rings[0].Read(source[((((y - sourceFrom) * width) + first) * channels)..], y, first, last);
    }

    private void Write(Span<float> output, int outputFrom, int from, int to)
    {
        int channels = graph.Channels(graph.Last), outWidth = width * graph.Scale(graph.Last);
        for (var y = from; y < to; y++) rings[^1].Write(output[((((y - outputFrom) * outWidth) + x0) * channels)..], y, x0, x1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var ring in rings) ring.Dispose();
    }
}
