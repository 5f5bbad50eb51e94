using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Runs a network layer by layer on tiles, a row of tiles whenever the rows they depend on have come. A tile brings along the neighbours'
/// pixels its outputs depend on, and only the picture's own borders are padded, so the result does not depend on the tiles.
/// </summary>
internal sealed class TileStage : IRowStage, IDisposable
{
    /// <summary>How often a tile that finds no room on the device is cut in half, both ways.</summary>
    private const int MostHalvings = 4;

    private readonly Model model;
    private readonly HostSpare? spare;
    private readonly int channels, radius, largestTile;
    private readonly Workspace[] workspaces;
    private readonly Tensor?[] inputs;
    private float[] window = [];
    private int height, width, tile, first, end, done, halvings;
    private bool lost;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels of the input.</param>
    /// <param name="spare">Takes over what the device fails at; null lets it fail. Not owned.</param>
    public TileStage(Model model, int tile, HostSpare? spare = null)
    {
        (this.model, largestTile, this.spare) = (model, tile, spare);
        (channels, radius) = (model.Network.Channels, model.Inference.Radius);
        workspaces = [.. Enumerable.Range(0, model.Backend.Workers).Select(_ => new Workspace(model.Parameters))];
        inputs = new Tensor?[workspaces.Length];
    }

    /// <inheritdoc/>
    public int Scale => model.Inference.Scale;

    private int Row => width * channels;

    /// <inheritdoc/>
    public void Start(int height, int width)
    {
        try
        {
            using var timed = model.Backend.Profile?.Begin("prepare weights");
            model.Inference.Prepare(model.Parameters);
        }
        catch (DeviceException e) when (spare is not null && (e is not DeviceMemoryException || spare.WhenFull))
        {
            spare.Warn(e.Message);
            lost = true;
        }
        (this.height, this.width, first, end, done) = (height, width, 0, 0, 0);
        tile = Math.Min(largestTile, Math.Max(height, width));
        var rows = Math.Min(height, tile + (2 * radius));
        if (window.Length < rows * Row) window = new float[rows * Row];
    }

    /// <inheritdoc/>
    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        int from = done, to = done, given = end + (rows.Length / Row);
        while (to < height && Needed(to) <= given) to = Bottom(to);
        var target = output((to - from) * Scale);
        while (true)
        {
            var taken = Math.Min(Needed(done) - end, rows.Length / Row);
            rows.Span[..(taken * Row)].CopyTo(window.AsSpan((end - first) * Row));
            rows = rows[(taken * Row)..];
            end += taken;
            if (done == to) break;
            RunTiles(target[((done - from) * Scale * Scale * Row)..]);
            done = Bottom(done);
            var needed = Math.Max(0, done - radius);
            window.AsSpan((needed - first) * Row, (end - needed) * Row).CopyTo(window);
            first = needed;
        }
    }

    /// <summary>Where the tiles that begin at row <paramref name="y"/> end.</summary>
    private int Bottom(int y) => Math.Min(height - y, tile) + y;

    /// <summary>Where the rows they depend on end.</summary>
    private int Needed(int y) => Math.Min(height - Bottom(y), radius) + Bottom(y);

    private void RunTiles(Memory<float> output) => model.Backend.ForEachShard((width + tile - 1) / tile, (index, worker) =>
    {
        var x0 = index * tile;
        RunTile(worker, 0, done, Bottom(done), x0, Math.Min(width - x0, tile) + x0, output.Span);
    });

    /// <param name="depth">How often the tile has been halved already.</param>
    /// <param name="output">The rows of the network's output from row <see cref="done"/> on.</param>
    private void RunTile(int worker, int depth, int y0, int y1, int x0, int x1, Span<float> output)
    {
        // The part of the picture this tile depends on; where the halo leaves the picture, the picture's border is the tile's.
        int top = Math.Max(0, y0 - radius), bottom = Math.Min(height - y1, radius) + y1, left = Math.Max(0, x0 - radius), right = Math.Min(width - x1, radius) + x1;
        var edges = (y0 - radius <= 0 ? Edges.Top : 0) | (bottom == height ? Edges.Bottom : 0)
            | (x0 - radius <= 0 ? Edges.Left : 0) | (right == width ? Edges.Right : 0);

        var shape = new Shape(1, bottom - top, right - left, channels);
        var values = new float[shape.Length];
        for (var y = top; y < bottom; y++)
            window.AsSpan(((y - first) * Row) + (left * channels), shape.W * channels).CopyTo(values.AsSpan((y - top) * shape.W * channels));
        float[] pixels;
        try
        {
            if (depth < halvings) throw new DeviceMemoryException("an earlier tile of this size found no room");
            pixels = Compute(worker, values, shape, edges);
        }
        catch (DeviceMemoryException e)
        {
            if (depth < MostHalvings && (y1 - y0 > 1 || x1 - x0 > 1))
            {
                Release(worker);
                halvings = Math.Max(halvings, depth + 1);
                int y = (y0 + y1 + 1) / 2, x = (x0 + x1 + 1) / 2;
                RunTile(worker, depth + 1, y0, y, x0, x, output);
                if (x < x1) RunTile(worker, depth + 1, y0, y, x, x1, output);
                if (y < y1) RunTile(worker, depth + 1, y, y1, x0, x, output);
                if (x < x1 && y < y1) RunTile(worker, depth + 1, y, y1, x, x1, output);
                return;
            }
            if (spare is not { WhenFull: true }) throw;
            spare.Warn(e.Message);
            pixels = spare.Run(values, shape, edges);
        }
        // Cut edges lost the halo on the way; at the picture's border nothing was lost, and the result may reach further than the tile.
        int resultTop = top == 0 ? 0 : y0, resultLeft = left == 0 ? 0 : x0;
        var resultWidth = ((right == width ? right : x1) - resultLeft) * Scale;
        for (var y = y0 * Scale; y < y1 * Scale; y++)
        {
            pixels.AsSpan((((y - (resultTop * Scale)) * resultWidth) + ((x0 - resultLeft) * Scale)) * channels, (x1 - x0) * Scale * channels)
                .CopyTo(output[((((y - (done * Scale)) * width) + x0) * Scale * channels)..]);
        }
    }

    /// <summary>The network's output on the device; on the spare where the device fails, or gives what cannot be right.</summary>
    private float[] Compute(int worker, float[] values, Shape shape, Edges edges)
    {
        if (lost) return spare!.Run(values, shape, edges);
        try
        {
            workspaces[worker].Edges = edges;
            if (inputs[worker]?.Shape != shape)
            {
                inputs[worker]?.Dispose();
                inputs[worker] = null;
                inputs[worker] = model.Backend.Allocate(shape);
            }
            inputs[worker]!.CopyFrom(values);
            var pixels = model.Inference.Forward(workspaces[worker], inputs[worker]!).ToArray();
            if (spare is null || (Array.TrueForAll(pixels, float.IsFinite) && (!IsFlat(pixels) || IsFlat(values)))) return pixels;
            var right = spare.Run(values, shape, edges);
            if (!right.AsSpan().SequenceEqual(pixels)) spare.Warn($"{model.Backend.Name} computed {(Array.TrueForAll(pixels, float.IsFinite) ? "an empty tile" : "values that are no numbers")}");
            return right;
        }
        catch (DeviceException e) when (spare is not null && e is not DeviceMemoryException)
        {
            spare.Warn(e.Message);
            return spare.Run(values, shape, edges);
        }
    }

    private static bool IsFlat(ReadOnlySpan<float> values) => values.IndexOfAnyExcept(values[0]) < 0;

    /// <summary>Gives back what the tiles of the old size had.</summary>
    private void Release(int worker)
    {
        workspaces[worker].Dispose();
        workspaces[worker] = new Workspace(model.Parameters);
        inputs[worker]?.Dispose();
        inputs[worker] = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var workspace in workspaces) workspace.Dispose();
        foreach (var input in inputs) input?.Dispose();
    }
}
