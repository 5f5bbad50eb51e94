using Srcnn.Engine.Data;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>A network on a whole picture, from host memory to host memory, as upscaling runs it.</summary>
public sealed class PictureWorkload : IWorkload
{
    /// <summary>By what networks enlarge that do so themselves; their picture is the small one.</summary>
    public const int Scale = 3;

    private readonly Model model;
    private readonly PictureRunner runner;
    private readonly float[] picture;
    private readonly int width, height;

    /// <summary>A network with seeded weights on a generated picture.</summary>
    public PictureWorkload(IBackend backend, NetworkConfig network, int width, int height, Algorithm algorithm = Algorithm.Auto)
        : this(backend, network, Generate(network.Channels, width, height), width, height, algorithm) { }

    /// <param name="picture">[height, width, channels] in [0, 1].</param>
    /// <param name="algorithm">Direct or fast convolution on host.</param>
    public PictureWorkload(IBackend backend, NetworkConfig network, float[] picture, int width, int height, Algorithm algorithm = Algorithm.Auto)
    {
        (this.picture, this.width, this.height) = (picture, width, height);
        model = new Model(network, Scale, backend);
        model.Parameters.Initialize(seed: 1);
        runner = new PictureRunner(model, algorithm: algorithm);
        Output = new float[picture.Length * model.Inference.Scale * model.Inference.Scale];
    }

    /// <inheritdoc/>
    public double Flops => model.Inference.Flops(new Shape(1, height, width, model.Network.Channels));

    /// <summary>The result of the last run.</summary>
    public float[] Output { get; }

    /// <summary>The network with its weights, as a file holds it.</summary>
    public ModelFile Model => new(model.Network, Scale, model.Save());

    /// <inheritdoc/>
    public void Run() => runner.Run(picture, height, width, Output);

    /// <inheritdoc/>
    public void Dispose()
    {
        runner.Dispose();
        model.Dispose();
    }

    /// <summary>A picture with edges and texture in [0, 1].</summary>
    public static float[] Generate(int channels, int width, int height)
    {
        var rgb = SyntheticImages.Generate(width, height, seed: 1);
        var values = new float[width * height * channels];
        for (var i = 0; i < values.Length; i++) values[i] = rgb[channels == 3 ? i : 3 * i] / 255f;
        return values;
    }
}
