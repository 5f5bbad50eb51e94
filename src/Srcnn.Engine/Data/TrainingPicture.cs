using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Data;

/// <summary>A picture and what the network is given in its place: the same picture shrunk and enlarged again by bicubic.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Width">Pixels, a multiple of the scale.</param>
/// <param name="Height">Pixels, a multiple of the scale.</param>
/// <param name="Channels">1 (luma) or 3 (RGB), interleaved.</param>
/// <param name="Input">[Height, Width, Channels] in [0, 1], from bicubic.</param>
/// <param name="Target">The original, 8-bit values divided by 255.</param>
public sealed record TrainingPicture(string Name, int Width, int Height, int Channels, float[] Input, float[] Target)
{
    /// <summary>Crops to a multiple of <paramref name="scale"/>, then shrinks and enlarges in float, the authors' order of work.</summary>
    public static TrainingPicture From(string name, Image image, int scale, int channels)
    {
        var planes = channels == 1
            ? [Luma.Rounded(image)]
            : Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels >= 3 ? c : 0)).ToArray();
        var targets = Array.ConvertAll(planes, p => p.CropToMultiple(scale));
        var inputs = Array.ConvertAll(targets, t => Bicubic.Resize(Degradation.LowResolution(t, scale), t.Width, t.Height));
        return new TrainingPicture(name, targets[0].Width, targets[0].Height, channels, Interleave(inputs), Interleave(targets));
    }

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[planes[0].Values.Length * planes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = planes[i % planes.Length].Values[i / planes.Length];
        return values;
    }
}
