namespace Srcnn.Kernels;

/// <summary>Rows [From, To) of a map are made.</summary>
internal readonly record struct RowMove(int Map, int From, int To);

/// <summary>
/// The order in which the rows of all maps of one picture are made: turn by turn a chunk of source rows comes in and every op makes the
/// rows it can. It deals in row numbers alone, so all panels follow one schedule.
/// </summary>
internal sealed class RowSchedule
{
    private readonly RowGraph graph;
    private readonly int chunk;
    private readonly int[] heights, ends, depths, most;
    private readonly List<int>[] readers;

    /// <param name="graph">The maps.</param>
    /// <param name="height">Rows of the picture.</param>
    /// <param name="chunk">Source rows of a turn.</param>
    public RowSchedule(RowGraph graph, int height, int chunk)
    {
        (this.graph, this.chunk) = (graph, chunk);
        var maps = graph.Last + 1;
        (heights, ends, depths, most, readers) = (new int[maps], new int[maps], new int[maps], new int[maps], new List<int>[maps]);
        // Below the last row there is only padding, so every op could finish at once; no turn makes more than another, or rings would grow.
        var turn = chunk;
        for (var map = 1; map < maps; map++) turn = RoundUp(turn, graph.Maker(map).Op.RowStep);
        for (var map = 0; map < maps; map++)
        {
            heights[map] = checked(height * graph.Scale(map));
            most[map] = map == 0 ? chunk : RoundUp(turn * graph.Scale(map), graph.Maker(map).Op.RowStep);
            readers[map] = graph.Readers(map);
        }
    }

    /// <summary>Rows of each map when complete.</summary>
    public IReadOnlyList<int> Heights => heights;

    /// <summary>Most rows of each map that were needed at once so far.</summary>
    public IReadOnlyList<int> Depths => depths;

    /// <summary>Source rows taken so far.</summary>
    public int Taken => ends[0];

    /// <summary>Rows of the result made so far.</summary>
    public int Finished => ends[^1];

    /// <summary>What follows when the source has given its rows up to <paramref name="sourceEnd"/>; all the rest once it has given its last.</summary>
    public IEnumerable<RowMove> Play(int sourceEnd)
    {
        while (Taken < sourceEnd || (Taken == heights[0] && Finished < heights[^1]))
        {
            for (var map = 0; map < ends.Length; map++)
            {
                // The ops wait for whole chunks: wherever a caller cuts, turns are the same, and so is the depth of the rings.
                if (map == 1 && Taken % chunk != 0 && Taken < heights[0]) break;
                var (from, to) = (ends[map], map == 0 ? Math.Min(sourceEnd, (ends[0] / chunk * chunk) + chunk) : Ready(map));
                if (to == from) continue;
                ends[map] = to;
                depths[map] = Math.Max(depths[map], to - Needed(map, from));
                yield return new RowMove(map, from, to);
            }
        }
    }

    /// <summary>The row of <paramref name="map"/> up to which its op can go now.</summary>
    private int Ready(int map)
    {
        var (op, inputs) = graph.Maker(map);
        var ready = heights[map];
        foreach (var input in inputs)
        {
            if (ends[input] < heights[input])
                ready = Math.Min(ready, Math.Max(0, ends[input] - op.Below) * op.Scale / op.RowStep * op.RowStep);
        }
        return Math.Clamp(ready, ends[map], ends[map] + most[map]);
    }

    /// <summary>The first row of <paramref name="map"/> that somebody still reads; the result is taken away at once.</summary>
    private int Needed(int map, int made)
    {
        var needed = readers[map].Count == 0 ? made : int.MaxValue;
        foreach (var reader in readers[map])
        {
            var op = graph.Maker(reader).Op;
            needed = Math.Min(needed, Math.Max(0, (ends[reader] / op.Scale) - op.Above));
        }
        return needed;
    }

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;
}
