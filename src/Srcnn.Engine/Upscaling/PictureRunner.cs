using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Runs a network over whole pictures. Host streams rows through all layers; other backends, and networks that do not stream, run tile
/// by tile. A tile brings along the neighbours' pixels its outputs depend on, and only the picture's own borders are padded, so the
/// result does not depend on the tiles.
/// </summary>
public sealed class PictureRunner : IDisposable
{
    /// <summary>Side of a tile's output in pixels, unless told: large enough that the overlap costs little, small enough for the cache of a core.</summary>
    private const int HostTile = 96, DeviceTile = 512;

    private readonly Model model;
    private readonly int tile, scale;
    private readonly Workspace[] workspaces;
    private readonly Tensor?[] inputs;
    private readonly RowStream? stream;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile, or width of a streamed panel, in pixels; 0 chooses.</param>
    /// <param name="algorithm">Direct or fast convolution; only streaming has a choice.</param>
    public PictureRunner(Model model, int tile = 0, Algorithm algorithm = Algorithm.Auto)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tile);
        (this.model, scale) = (model, model.Inference.Scale);
        this.tile = tile > 0 ? tile : model.Backend is HostBackend ? HostTile : DeviceTile;
        workspaces = [.. Enumerable.Range(0, model.Backend.Workers).Select(_ => new Workspace(model.Parameters))];
        inputs = new Tensor?[workspaces.Length];
        var graph = new RowGraph(model.Network.Channels);
        if (model.Backend is HostBackend && model.Inference.TryStream(model.Parameters, algorithm, graph))
            stream = new RowStream(graph, model.Backend.Workers, panel: tile);
    }

    /// <summary>The network's output for a picture of [height, width, channels]: of the same size, or enlarged by a network that enlarges.</summary>
    public float[] Run(float[] picture, int height, int width)
    {
        var output = new float[checked(picture.Length * scale * scale)];
        Run(picture, height, width, output);
        return output;
    }

    /// <summary>The same into <paramref name="output"/>, which may be reused from picture to picture.</summary>
    /// <exception cref="ArgumentException">A length does not fit the size.</exception>
    public void Run(float[] picture, int height, int width, float[] output)
    {
        var channels = model.Network.Channels;
        if (picture.Length != height * width * channels || output.Length != picture.Length * scale * scale)
            throw new ArgumentException($"{picture.Length} values in and {output.Length} out for a picture of {height}×{width}×{channels}, enlarged {scale} times");
        if (stream is not null)
        {
            stream.Run(picture, height, width, output);
            return;
        }
        model.Inference.Prepare(model.Parameters);
        var tile = Math.Min(this.tile, Math.Max(height, width));
        int across = (width + tile - 1) / tile, down = (height + tile - 1) / tile;
        model.Backend.ForEachShard(across * down, (index, worker) =>
        {
            int y0 = index / across * tile, x0 = index % across * tile;
            Tile(worker, picture, output, height, width, y0, Math.Min(height - y0, tile) + y0, x0, Math.Min(width - x0, tile) + x0);
        });
    }

    private void Tile(int worker, float[] picture, float[] output, int height, int width, int y0, int y1, int x0, int x1)
    {
        var (channels, radius, workspace) = (model.Network.Channels, model.Inference.Radius, workspaces[worker]);
        // The part of the picture this tile depends on; where the halo leaves the picture, the picture's border is the tile's.
        int top = Math.Max(0, y0 - radius), bottom = Math.Min(height, y1 + radius), left = Math.Max(0, x0 - radius), right = Math.Min(width, x1 + radius);
        workspace.Edges = (y0 - radius <= 0 ? Edges.Top : 0) | (y1 + radius >= height ? Edges.Bottom : 0)
            | (x0 - radius <= 0 ? Edges.Left : 0) | (x1 + radius >= width ? Edges.Right : 0);

        var shape = new Shape(1, bottom - top, right - left, channels);
        var values = new float[shape.Length];
        for (var y = top; y < bottom; y++)
            picture.AsSpan(((y * width) + left) * channels, shape.W * channels).CopyTo(values.AsSpan((y - top) * shape.W * channels));
        if (inputs[worker]?.Shape != shape)
        {
            inputs[worker]?.Dispose();
            inputs[worker] = model.Backend.Allocate(shape);
        }
        inputs[worker]!.CopyFrom(values);

        var result = model.Inference.Forward(workspace, inputs[worker]!);
        // Cut edges lost the halo on the way; at the picture's border nothing was lost, and the result may reach further than the tile.
        int resultTop = (top == 0 ? 0 : y0) * scale, resultLeft = (left == 0 ? 0 : x0) * scale;
        var pixels = result.ToArray();
        for (var y = y0 * scale; y < y1 * scale; y++)
        {
            pixels.AsSpan((((y - resultTop) * result.Shape.W) + (x0 * scale) - resultLeft) * channels, (x1 - x0) * scale * channels)
                .CopyTo(output.AsSpan(((y * width) + x0) * scale * channels));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream?.Dispose();
        foreach (var workspace in workspaces) workspace.Dispose();
        foreach (var input in inputs) input?.Dispose();
    }
}
