using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Computes tiles one after the other, beside its caller and other lanes: on a device on a stream of its own. What the device fails at,
/// or gives that cannot be right, is computed by the spare.
/// </summary>
internal sealed class TileLane : IDisposable
{
    /// <summary>How often a tile that finds no room on the device is cut in half, both ways.</summary>
    private const int MostHalvings = 4;

    private readonly Model model;
    private readonly HostSpare? spare;
    private readonly IBackend backend;
    private readonly Workspace workspace;
    private readonly int channels, radius;
    private StagedTensor? input;
    private Task last = Task.CompletedTask;
    private int height, width, halvings;
    private bool isLost;

    /// <param name="model">Not owned.</param>
    /// <param name="spare">Null lets the device fail. Not owned.</param>
    public TileLane(Model model, HostSpare? spare)
    {
        (this.model, this.spare) = (model, spare);
        (channels, radius) = (model.Network.Channels, model.Inference.Radius);
        backend = model.Backend.OpenStream();
        workspace = new Workspace(model.Inference, model.Parameters, backend);
    }

    private int Scale => model.Inference.Scale;

    /// <summary>Starts a picture; the tiles of the one before have been waited for.</summary>
    /// <param name="isLost">The spare computes everything.</param>
    public void Start(int height, int width, bool isLost) => (this.height, this.width, this.isLost) = (height, width, isLost);

    /// <summary>Computes a tile when those before it are done.</summary>
    /// <param name="values">The pixels it depends on: the area with its neighbours.</param>
    /// <param name="result">Rows of the whole width that begin with the area's.</param>
    public Task Run(TileArea area, float[] values, float[] result) =>
        last = last.ContinueWith(_ => Run(area, values, 0, result, area.Top), TaskScheduler.Default);

    /// <inheritdoc/>
    public void Dispose()
    {
        workspace.Dispose();
        input?.Dispose();
        backend.Dispose();
    }

    /// <param name="depth">How often the tile has been halved already.</param>
    /// <param name="top">The first row of the result.</param>
    private void Run(TileArea area, float[] values, int depth, float[] result, int top)
    {
        var around = area.Around(radius, height, width);
        // Where the halo leaves the picture, the picture's border is the tile's.
        var edges = (area.Top - radius <= 0 ? Edges.Top : 0) | (around.Bottom == height ? Edges.Bottom : 0)
            | (area.Left - radius <= 0 ? Edges.Left : 0) | (around.Right == width ? Edges.Right : 0);
        var shape = new Shape(1, around.Height, around.Width, channels);
        float[] pixels;
        try
        {
            if (depth < halvings) throw new DeviceMemoryException("an earlier tile of this size found no room");
            pixels = Compute(values, shape, edges);
        }
        catch (DeviceMemoryException e)
        {
            if (depth < MostHalvings && (area.Height > 1 || area.Width > 1))
            {
                if (depth == halvings) Release();
                halvings = Math.Max(halvings, depth + 1);
                foreach (var part in area.Quarters())
                    Run(part, part.Around(radius, height, width).Cut(values, around.Top, around.Left, around.Width, channels), depth + 1, result, top);
                return;
            }
            if (spare is not { WhenFull: true }) throw;
            spare.Warn(e.Message);
            pixels = spare.Run(values, shape, edges);
        }
        // Cut edges lost what depends on pixels beyond them, which may be less than the halo's whole pixels; at the picture's border nothing was lost.
        var lost = model.Inference.Lost;
        int resultTop = around.Top == 0 ? 0 : (around.Top * Scale) + lost, resultLeft = around.Left == 0 ? 0 : (around.Left * Scale) + lost;
        var resultWidth = (around.Right == width ? width * Scale : (around.Right * Scale) - lost) - resultLeft;
        for (var y = area.Top * Scale; y < area.Bottom * Scale; y++)
        {
            pixels.AsSpan((((y - resultTop) * resultWidth) + (area.Left * Scale) - resultLeft) * channels, area.Width * Scale * channels)
                .CopyTo(result.AsSpan((((y - (top * Scale)) * width) + area.Left) * Scale * channels));
        }
    }

    /// <summary>The network's output on the device; on the spare where the device fails, or gives what cannot be right.</summary>
    private float[] Compute(float[] values, Shape shape, Edges edges)
    {
        if (isLost) return spare!.Run(values, shape, edges);
        try
        {
            using var timed = backend.Profile?.Begin("tile");
            workspace.Edges = edges;
            if (input is null || input.Tensor.Shape.Length < values.Length)
            {
                input?.Dispose();
                input = null;
                input = backend.Stage(shape);
            }
            values.CopyTo(input.Values);
            input.Send(values.Length);
            var pixels = workspace.Forward(input.Tensor.Slice(0, shape)).ToArray();
            if (spare is null || (Array.TrueForAll(pixels, float.IsFinite) && (!IsFlat(pixels) || IsFlat(values)))) return pixels;
            var right = spare.Run(values, shape, edges);
            if (!right.AsSpan().SequenceEqual(pixels)) spare.Warn($"{backend.Name} computed {(Array.TrueForAll(pixels, float.IsFinite) ? "an empty tile" : "values that are no numbers")}");
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
    private void Release()
    {
        workspace.Clear();
        input?.Dispose();
        input = null;
        backend.Trim();
    }
}
