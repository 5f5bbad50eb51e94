using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Data;

/// <summary>A picture and what the network is given in its place: the same picture shrunk, and enlarged again by bicubic if the network reads that.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Width">Pixels, a multiple of the scale.</param>
/// <param name="Height">Pixels, a multiple of the scale.</param>
/// <param name="Channels">1 (luma) or 3 (RGB), interleaved.</param>
/// <param name="Scale">By what it was shrunk.</param>
/// <param name="Input">[Height, Width, Channels] in [0, 1] from bicubic; or [Height/Scale, Width/Scale, Channels], the low resolution.</param>
/// <param name="Target">The original, 8-bit values divided by 255.</param>
public sealed record TrainingPicture(string Name, int Width, int Height, int Channels, int Scale, float[] Input, float[] Target)
{
    /// <summary>Target pixels per input pixel, each way.</summary>
    public int InputScale => Input.Length == Target.Length ? 1 : Scale;

    public int InputWidth => Width / InputScale;

    public int InputHeight => Height / InputScale;

    /// <summary>Crops to a multiple of <paramref name="scale"/>, then shrinks and enlarges in float, the authors' order of work.</summary>
    public static TrainingPicture From(string name, Image image, int scale, int channels, NetworkInput input = NetworkInput.Bicubic)
    {
        var planes = channels == 1
            ? [Luma.Rounded(image)]
            : Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels >= 3 ? c : 0)).ToArray();
        var targets = Array.ConvertAll(planes, p => p.CropToMultiple(scale));
        var low = Array.ConvertAll(targets, t => Degradation.LowResolution(t, scale));
        var inputs = input == NetworkInput.LowResolution ? low : Array.ConvertAll(low, p => BicubicUpscaler.Enlarge(p, scale));
        return new TrainingPicture(name, targets[0].Width, targets[0].Height, channels, scale, Interleave(inputs), Interleave(targets));
    }

    /// <summary>What bicubic makes of it, [Height, Width, Channels].</summary>
    public float[] Enlarged()
    {
        if (InputScale == 1) return Input;
        var planes = Enumerable.Range(0, Channels)
            .Select(c => new Plane(InputWidth, InputHeight, [.. Enumerable.Range(0, InputWidth * InputHeight).Select(i => Input[(i * Channels) + c])]));
        return Interleave([.. planes.Select(p => BicubicUpscaler.Enlarge(p, Scale))]);
    }

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[planes[0].Values.Length * planes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = planes[i % planes.Length].Values[i / planes.Length];
        return values;
    }
}
