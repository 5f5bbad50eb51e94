using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Runs a network layer by layer on tiles, a row of tiles whenever the rows they depend on have come. A tile brings along the neighbours'
/// pixels its outputs depend on, and only the picture's own borders are padded, so the result does not depend on the tiles. A device keeps
/// the newest row of tiles to itself until the next rows come: it works while its caller does.
/// </summary>
internal sealed class TileStage : IRowStage, IDisposable
{
    /// <summary>Streams of a device that tiles are spread over: one computes while the other is fed and read.</summary>
    private const int DeviceLanes = 2;

    /// <summary>Rows of tiles under way at once.</summary>
    private const int MostRows = 2;

    private readonly Model model;
    private readonly HostSpare? spare;
    private readonly int channels, radius, largestTile;
    private readonly TileLane[] lanes;
    private readonly Queue<TileRow> underway = [];
    private readonly Stack<float[]> buffers = [];
    private float[] window = [];
    private int height, width, tile, first, end, started, given;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels of the input.</param>
    /// <param name="spare">Takes over what the device fails at; null lets it fail. Not owned.</param>
    public TileStage(Model model, int tile, HostSpare? spare = null)
    {
        (this.model, largestTile, this.spare) = (model, tile, spare);
        (channels, radius) = (model.Network.Channels, model.Inference.Radius);
        lanes = [.. Enumerable.Range(0, model.Backend.IsDevice ? DeviceLanes : model.Backend.Workers).Select(_ => new TileLane(model, spare))];
    }

    /// <inheritdoc/>
    public int Scale => model.Inference.Scale;

    private int Row => width * channels;

    /// <inheritdoc/>
    public void Start(int height, int width)
    {
        Abandon();
        var isLost = false;
        try
        {
            using var timed = model.Backend.Profile?.Begin("prepare weights");
            model.Inference.Prepare(model.Parameters);
            model.Backend.Synchronize(); // the lanes are other streams
        }
        catch (DeviceException e) when (spare is not null && (e is not DeviceMemoryException || spare.WhenFull))
        {
            spare.Warn(e.Message);
            isLost = true;
        }
        foreach (var lane in lanes) lane.Start(height, width, isLost);
        (this.height, this.width, first, end, started, given) = (height, width, 0, 0, 0, 0);
        tile = Math.Min(largestTile, Math.Max(height, width));
        var rows = Math.Min(height, tile + (2 * radius));
        if (window.Length < rows * Row) window = new float[rows * Row];
    }

    /// <inheritdoc/>
    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        int from = given, newest = given, to = started, come = end + (rows.Length / Row);
        while (to < height && Needed(to) <= come) (newest, to) = (to, Bottom(to));
        var until = to == height || !model.Backend.IsDevice ? to : newest;
        var target = output((until - from) * Scale);
        while (true)
        {
            var taken = Math.Min(Needed(started) - end, rows.Length / Row);
            rows.Span[..(taken * Row)].CopyTo(window.AsSpan((end - first) * Row));
            rows = rows[(taken * Row)..];
            end += taken;
            if (started == to) break;
            if (underway.Count == MostRows) Finish();
            Begin();
            var needed = Math.Max(0, started - radius);
            window.AsSpan((needed - first) * Row, (end - needed) * Row).CopyTo(window);
            first = needed;
        }
        while (given < until) Finish();

        void Finish()
        {
            var row = underway.Dequeue();
            row.Done.GetAwaiter().GetResult();
            var length = (row.Bottom - row.Top) * Scale * Scale * Row;
            row.Result.AsMemory(0, length).CopyTo(target[((row.Top - from) * Scale * Scale * Row)..]);
            buffers.Push(row.Result);
            given = row.Bottom;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Abandon();
        foreach (var lane in lanes) lane.Dispose();
    }

    /// <summary>Where the tiles that begin at row <paramref name="y"/> end.</summary>
    private int Bottom(int y) => Math.Min(height - y, tile) + y;

    /// <summary>Where the rows they depend on end.</summary>
    private int Needed(int y) => Math.Min(height - Bottom(y), radius) + Bottom(y);

    /// <summary>Hands the tiles of the next row, and the pixels they depend on, to the lanes.</summary>
    private void Begin()
    {
        var (top, bottom) = (started, Bottom(started));
        var length = (bottom - top) * Scale * Scale * Row;
        if (!buffers.TryPop(out var result) || result.Length < length) result = new float[length];
        List<Task> tiles = [];
        for (var x = 0; x < width; x += Math.Min(width - x, tile))
        {
            var area = new TileArea(top, bottom, x, Math.Min(width - x, tile) + x);
            var values = area.Around(radius, height, width).Cut(window, first, 0, width, channels);
            tiles.Add(lanes[tiles.Count % lanes.Length].Run(area, values, result));
        }
        underway.Enqueue(new TileRow(top, bottom, result, Task.WhenAll(tiles)));
        started = bottom;
    }

    /// <summary>Waits for what nobody wants any more, whatever came of it.</summary>
    private void Abandon()
    {
        while (underway.TryDequeue(out var row)) row.Done.ContinueWith(static _ => { }, TaskScheduler.Default).Wait();
    }

    private sealed record TileRow(int Top, int Bottom, float[] Result, Task Done);
}

/// <summary>Rows [Top, Bottom) and columns [Left, Right) of a picture.</summary>
internal readonly record struct TileArea(int Top, int Bottom, int Left, int Right)
{
    public int Height => Bottom - Top;

    public int Width => Right - Left;

    /// <summary>The area with its neighbours, within the picture.</summary>
    public TileArea Around(int radius, int height, int width) => new(
        Math.Max(0, Top - radius), Math.Min(height - Bottom, radius) + Bottom, Math.Max(0, Left - radius), Math.Min(width - Right, radius) + Right);

    /// <summary>The area's pixels out of rows of <paramref name="width"/> pixels that begin at (top, left).</summary>
    public float[] Cut(ReadOnlySpan<float> pixels, int top, int left, int width, int channels)
    {
        var values = new float[Height * Width * channels];
        for (var y = Top; y < Bottom; y++)
            pixels.Slice((((y - top) * width) + Left - left) * channels, Width * channels).CopyTo(values.AsSpan((y - Top) * Width * channels));
        return values;
    }

    /// <summary>Up to four parts, halved both ways.</summary>
    public IEnumerable<TileArea> Quarters()
    {
        int y = (Top + Bottom + 1) / 2, x = (Left + Right + 1) / 2;
        yield return new(Top, y, Left, x);
        if (x < Right) yield return new(Top, y, x, Right);
        if (y < Bottom) yield return new(y, Bottom, Left, x);
        if (x < Right && y < Bottom) yield return new(y, Bottom, x, Right);
    }
}
