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
    private readonly Model model;
    private readonly int channels, radius, largestTile;
    private readonly Workspace[] workspaces;
    private readonly Tensor?[] inputs;
    private float[] window = [];
    private int height, width, tile, first, end, done;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels of the input.</param>
    public TileStage(Model model, int tile)
    {
        (this.model, largestTile) = (model, tile);
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
        model.Inference.Prepare(model.Parameters);
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
        RunTile(worker, x0, Math.Min(width - x0, tile) + x0, output.Span);
    });

    private void RunTile(int worker, int x0, int x1, Span<float> output)
    {
        int y0 = done, y1 = Bottom(done);
        var workspace = workspaces[worker];
        // The part of the picture this tile depends on; where the halo leaves the picture, the picture's border is the tile's.
        int top = Math.Max(0, y0 - radius), bottom = Needed(done), left = Math.Max(0, x0 - radius), right = Math.Min(width - x1, radius) + x1;
        workspace.Edges = (y0 - radius <= 0 ? Edges.Top : 0) | (bottom == height ? Edges.Bottom : 0)
            | (x0 - radius <= 0 ? Edges.Left : 0) | (right == width ? Edges.Right : 0);

        var shape = new Shape(1, bottom - top, right - left, channels);
        var values = new float[shape.Length];
        for (var y = top; y < bottom; y++)
            window.AsSpan(((y - first) * Row) + (left * channels), shape.W * channels).CopyTo(values.AsSpan((y - top) * shape.W * channels));
        if (inputs[worker]?.Shape != shape)
        {
            inputs[worker]?.Dispose();
            inputs[worker] = model.Backend.Allocate(shape);
        }
        inputs[worker]!.CopyFrom(values);

        var result = model.Inference.Forward(workspace, inputs[worker]!);
        // Cut edges lost the halo on the way; at the picture's border nothing was lost, and the result may reach further than the tile.
        int resultTop = top == 0 ? 0 : y0, resultLeft = left == 0 ? 0 : x0;
        var pixels = result.ToArray();
        for (var y = y0 * Scale; y < y1 * Scale; y++)
        {
            pixels.AsSpan((((y - (resultTop * Scale)) * result.Shape.W) + ((x0 - resultLeft) * Scale)) * channels, (x1 - x0) * Scale * channels)
                .CopyTo(output[((((y - (y0 * Scale)) * width) + x0) * Scale * channels)..]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var workspace in workspaces) workspace.Dispose();
        foreach (var input in inputs) input?.Dispose();
    }
}
