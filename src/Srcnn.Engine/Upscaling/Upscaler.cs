using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>Enlarges pictures by a trained network, which refines the bicubic enlargement or does all by itself.</summary>
public sealed class Upscaler : IUpscaler
{
    private readonly Model model;
    private readonly PictureRunner runner;
    private readonly PictureFlow flow;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels; 0 chooses. The result does not depend on it.</param>
    /// <param name="algorithm">Direct or fast convolution, where the backend has a choice.</param>
    public Upscaler(Model model, int tile = 0, Algorithm algorithm = Algorithm.Auto)
    {
        this.model = model;
        runner = new PictureRunner(model, tile, algorithm);
        flow = new PictureFlow(new Checked(this), Channels, Scale);
    }

    /// <inheritdoc/>
    public string Name => model.Network.Name;

    /// <inheritdoc/>
    public int Scale => model.Scale;

    /// <inheritdoc/>
    public int Channels => model.Network.Channels;

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device computed something that is no number.</exception>
    public Plane[] Upscale(Plane[] planes)
    {
        if (planes.Length != Channels) throw new ArgumentException($"{planes.Length} planes for a network of {Channels}", nameof(planes));
        var given = Array.ConvertAll(planes, p => BicubicUpscaler.Enlarge(p, Scale / runner.Scale));
        var (width, height) = (given[0].Width, given[0].Height);
        var output = runner.Run(Interleave(given), height, width);
        Check(output);
        return Separate(output, width * runner.Scale, height * runner.Scale);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device computed something that is no number.</exception>
    public Image Upscale(Image input) => flow.Run(input);

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device computed something that is no number.</exception>
    public void Upscale(IImageReader input, IImageWriter output, IProgress<double>? progress = null, CancellationToken stop = default) =>
        flow.Run(input, output, progress, stop);

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();

    /// <summary>Weights and pictures are finite, so anything else is the device's doing; it must not become a black picture.</summary>
    private void Check(ReadOnlySpan<float> values)
    {
        var sum = 0f;
        foreach (var value in values) sum += value * 0;
        if (sum != 0) throw new DeviceException($"{model.Backend.Name} ({model.Backend.Description}) computed values that are no numbers");
    }

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[checked(planes[0].Values.Length * planes.Length)];
        for (var c = 0; c < planes.Length; c++)
        for (var i = 0; i < planes[c].Values.Length; i++)
            values[(i * planes.Length) + c] = planes[c].Values[i];
        return values;
    }

    private Plane[] Separate(float[] values, int width, int height)
    {
        if (Channels == 1) return [new Plane(width, height, values)];
        var planes = new Plane[Channels];
        for (var c = 0; c < Channels; c++)
        {
            planes[c] = new Plane(width, height);
            for (var i = 0; i < planes[c].Values.Length; i++) planes[c].Values[i] = values[(i * Channels) + c];
        }
        return planes;
    }

    /// <summary>The network, and a look at what it made.</summary>
    private sealed class Checked(Upscaler upscaler) : IRowStage
    {
        private readonly IRowStage network = upscaler.runner;

        public int Scale => network.Scale;

        public void Start(int height, int width) => network.Start(height, width);

        public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
        {
            Memory<float> made = default;
            network.Push(rows, count => made = output(count));
            upscaler.Check(made.Span);
        }
    }
}
