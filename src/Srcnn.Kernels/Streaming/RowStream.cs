namespace Srcnn.Kernels;

/// <summary>
/// Runs a <see cref="RowGraph"/> over a picture without ever holding a full-size feature map, nor the picture: rows come in by bands of any
/// height, and what they complete goes out. Workers take column panels of a band and push a few rows at a time through all ops, each map
/// keeping only the rows its readers still need. The rings of a panel fit a core's second-level cache. Every pixel is computed in the same
/// order of operations whatever the band, panel and number of threads, so none of them changes a bit.
/// </summary>
internal sealed class RowStream : IRowStage, IDisposable
{
    /// <summary>Half of a common second-level cache.</summary>
    private const int CacheBytes = 1024 * 1024;

    /// <summary>
    /// Bytes of rings per panel: once or twice that cache. An op works on a part of them at a time, and the columns that narrower panels
    /// compute twice cost more: a deep network was a third faster over 171 columns in one panel than in two.
    /// </summary>
    private const int PanelBytes = 2 * CacheBytes;

    /// <summary>Rows pushed at a time: few for small rings, more where the weights do not stay in that cache and every turn reads them anew.</summary>
    private const int FewRows = 4, MoreRows = 12;

    private const int MinPanel = 32;

    /// <summary>A panel is at least so many times as wide as the columns it shares with its neighbours.</summary>
    private const int MaxOverlap = 8;

    private readonly RowGraph graph;
    private readonly int workers, chunk, panel;
    private readonly List<RowPanel> panels = [];
    private readonly Profile? profile;
    private RowSchedule schedule;
    private (int Height, int Width) size;
    private int columns;
    private bool hasRun;

    /// <param name="graph">At least one op. Owned.</param>
    /// <param name="workers">Panels worked on at once.</param>
    /// <param name="chunk">Rows pushed at a time; 0 chooses.</param>
    /// <param name="panel">Source columns of a panel; 0 chooses.</param>
    /// <param name="profile">Told how long each op takes.</param>
    public RowStream(RowGraph graph, int workers, int chunk = 0, int panel = 0, Profile? profile = null)
    {
        (this.graph, this.workers, this.panel, this.profile) = (graph, workers, panel, profile);
        this.chunk = chunk > 0 ? chunk : graph.WeightBytes > CacheBytes ? MoreRows : FewRows;
        schedule = new RowSchedule(graph, 0, this.chunk);
    }

    /// <inheritdoc/>
    public int Scale => graph.Scale(graph.Last);

    /// <inheritdoc/>
    public void Start(int height, int width)
    {
        graph.Prepare();
        schedule = new RowSchedule(graph, height, chunk);
        if ((height, width) == size) return;
        size = (height, width);
        var trial = new RowSchedule(graph, height, chunk);
        foreach (var _ in trial.Play(height)) { } // to learn how deep the rings must be
        columns = Math.Min(panel > 0 ? panel : Panel(trial.Depths, width), width);
        while (panels.Count * (long)columns < width) panels.Add(new RowPanel(graph, profile));
        ForEachPanel((rows, x0, x1) => rows.Reset(x0, x1, width, trial.Heights, trial.Depths));
    }

    /// <inheritdoc/>
    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        var (taken, finished, width) = (schedule.Taken, schedule.Finished, size.Width);
        List<RowMove> moves = [.. schedule.Play(taken + (rows.Length / (width * graph.Channels(0))))];
        var target = output(schedule.Finished - finished);
        // The first time all workers would wait for the code of one op after the other: another one goes ahead to the last.
        var ahead = hasRun || workers == 1 ? null : Workforce.Begin(workers, graph.CompileLast);
        hasRun = true;
        try
        {
            ForEachPanel((panel, _, _) => panel.Run(moves, rows.Span, taken, target.Span, finished));
        }
        finally
        {
            ahead?.Finish();
        }
    }

    /// <summary>Picture [height, width, channels] in, [height·scale, width·scale, OutChannels] out.</summary>
    public void Run(ReadOnlyMemory<float> picture, int height, int width, Memory<float> output)
    {
        Start(height, width);
        Push(picture, _ => output);
    }

    private void ForEachPanel(Action<RowPanel, int, int> body)
    {
        var (scale, width) = (Scale, size.Width);
        Workforce.Run(workers, (width + columns - 1) / columns, (index, _) =>
            body(panels[index], index * columns * scale, Math.Min(width, (index + 1) * columns) * scale));
        GC.KeepAlive(this); // the workers hold pointers into memory that finalizers free
    }

    /// <summary>Source columns of a panel whose rings fit the cache.</summary>
    private int Panel(IReadOnlyList<int> depths, int width)
    {
        var (bytesPerColumn, beside) = (0, 0);
        for (var map = 0; map <= graph.Last; map++)
        {
            bytesPerColumn += depths[map] * graph.Channels(map) * graph.Scale(map) * sizeof(float);
            if (map > 0) beside += graph.Maker(map).Op.Left + graph.Maker(map).Op.Right;
        }
        // Panels overlap by what their ops read beside them, half of it on average: a deep network wants them wider than its rings fit the cache.
        var fitting = Math.Max(Math.Max(MinPanel, MaxOverlap * (beside / 2)), PanelBytes / bytesPerColumn);
        // As many panels as workers, or a multiple, so that all finish together.
        var rounds = (width + (fitting * workers) - 1) / (fitting * workers);
        return Math.Max(1, (width + (rounds * workers) - 1) / (rounds * workers));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rows in panels) rows.Dispose();
        graph.Dispose();
    }
}
