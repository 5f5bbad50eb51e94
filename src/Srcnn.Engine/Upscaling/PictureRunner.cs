using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Runs a network over pictures, whole or by bands of rows. Host streams rows through all layers; other backends, and networks that do
/// not stream, run tile by tile.
/// </summary>
internal sealed class PictureRunner : IRowStage, IDisposable
{
    /// <summary>Side of a tile's output in pixels, unless told: large enough that the overlap costs little, small enough for the cache of a core.</summary>
    private const int HostTile = 96, DeviceTile = 512;

    private readonly int channels;
    private readonly IRowStage stage;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile, or width of a streamed panel, in pixels; 0 chooses.</param>
    /// <param name="algorithm">Direct or fast convolution; only streaming has a choice.</param>
    /// <param name="spare">Takes over what a device fails at; null lets it fail. Not owned.</param>
    public PictureRunner(Model model, int tile = 0, Algorithm algorithm = Algorithm.Auto, HostSpare? spare = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tile);
        channels = model.Network.Channels;
        stage = model.Backend is HostBackend && model.Inference.Stream(model.Parameters, algorithm) is { } graph
            ? new RowStream(graph, model.Backend.Workers, panel: tile, profile: model.Backend.Profile)
            : new TileStage(model, tile > 0 ? tile : model.Backend.IsDevice ? DeviceTile : HostTile, spare);
    }

    /// <summary>Output pixels per input pixel, both ways.</summary>
    public int Scale => stage.Scale;

    /// <summary>The network's output for a picture of [height, width, channels]: [height·Scale, width·Scale, channels].</summary>
    public float[] Run(float[] picture, int height, int width)
    {
        var output = new float[checked(picture.Length * Scale * Scale)];
        Run(picture, height, width, output);
        return output;
    }

    /// <summary>The same into <paramref name="output"/>, which may be reused from picture to picture.</summary>
    /// <exception cref="ArgumentException">A length does not fit the size.</exception>
    public void Run(float[] picture, int height, int width, float[] output)
    {
        if (picture.Length != height * width * channels || output.Length != picture.Length * Scale * Scale)
            throw new ArgumentException($"{picture.Length} values in and {output.Length} out for a picture of {height}×{width}×{channels}");
        stage.Start(height, width);
        stage.Push(picture, _ => output);
    }

    /// <inheritdoc/>
    void IRowStage.Start(int height, int width) => stage.Start(height, width);

    /// <inheritdoc/>
    void IRowStage.Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output) => stage.Push(rows, output);

    /// <inheritdoc/>
    public void Dispose() => ((IDisposable)stage).Dispose();
}
