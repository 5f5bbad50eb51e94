using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>Enlarges pictures by a trained network, which refines the bicubic enlargement or does all by itself (see <see cref="NetworkConfig.Input"/>).</summary>
public sealed class Upscaler : IUpscaler
{
    private readonly Model model;
    private readonly PictureRunner runner;

    /// <param name="model">Not owned.</param>
    /// <param name="tile">Side of a tile in pixels; 0 chooses. The result does not depend on it.</param>
    /// <param name="algorithm">Direct or fast convolution, where the backend has a choice.</param>
    public Upscaler(Model model, int tile = 0, Algorithm algorithm = Algorithm.Auto) => (this.model, runner) = (model, new PictureRunner(model, tile, algorithm));

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
        var input = model.Network.Input == NetworkInput.Bicubic ? Array.ConvertAll(planes, p => BicubicUpscaler.Enlarge(p, Scale)) : planes;
        var result = runner.Run(Interleave(input), input[0].Height, input[0].Width);
        var output = Separate(result, checked(planes[0].Width * Scale), checked(planes[0].Height * Scale));
        foreach (var plane in output)
        {
            // Weights and pictures are finite, so anything else is the device's doing; it must not become a black picture.
            if (!float.IsFinite(plane.Values.Sum()))
                throw new DeviceException($"{model.Backend.Name} ({model.Backend.Description}) computed values that are no numbers");
        }
        return output;
    }

    /// <inheritdoc/>
    public Image Upscale(Image input) => PictureColors.Upscale(this, input);

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();

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
}
