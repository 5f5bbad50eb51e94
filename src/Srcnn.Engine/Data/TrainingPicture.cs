using System.IO.Hashing;
using System.Runtime.InteropServices;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Data;

/// <summary>What the network is given and what it should give, channels last.</summary>
/// <param name="Input">The original shrunk, and enlarged again by bicubic if the network reads that; about [0, 1].</param>
/// <param name="Target">The original, 8-bit values divided by 255.</param>
public sealed record PicturePair(float[] Input, float[] Target);

/// <summary>A picture to train or to judge on.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Width">Pixels of the target, a multiple of the scale.</param>
/// <param name="Height">Pixels of the target, a multiple of the scale.</param>
/// <param name="Channels">1 (luma) or 3 (RGB), interleaved.</param>
/// <param name="Scale">By what it was shrunk.</param>
/// <param name="Reads">What the network reads.</param>
/// <param name="Hash">Of scale, size and target: equal pictures have equal ones.</param>
/// <param name="Pixels">Gives the values, out of memory or by decoding the file again; workers may call it at once.</param>
public sealed record TrainingPicture(
    string Name, int Width, int Height, int Channels, int Scale, NetworkInput Reads, UInt128 Hash, Func<PicturePair> Pixels)
{
    /// <summary>A picture that stays in memory.</summary>
    public TrainingPicture(string name, int width, int height, int channels, int scale, NetworkInput reads, PicturePair pair)
        : this(name, width, height, channels, scale, reads, XxHash128.HashToUInt128(MemoryMarshal.AsBytes(pair.Target.AsSpan()), ((long)width << 8) | (long)scale), () => pair)
    {
    }

    /// <summary>Target pixels per input pixel, each way.</summary>
    public int InputScale => Reads == NetworkInput.LowResolution ? Scale : 1;

    public int InputWidth => Width / InputScale;

    public int InputHeight => Height / InputScale;

    /// <summary>Bytes the values take in memory.</summary>
    public long Size => (long)sizeof(float) * Channels * (((long)Width * Height) + ((long)InputWidth * InputHeight));

    /// <summary>Crops to a multiple of <paramref name="scale"/>, then shrinks and enlarges in float, the authors' order of work.</summary>
    /// <param name="low">The low resolution, where it is given and not to be made.</param>
    public static TrainingPicture From(string name, Image image, int scale, int channels, NetworkInput reads, Image? low = null)
    {
        var targets = Array.ConvertAll(Planes(image, channels), p => p.CropToMultiple(scale));
        var small = low is null ? Array.ConvertAll(targets, t => Degradation.LowResolution(t, scale)) : Planes(low, channels);
        var inputs = reads == NetworkInput.LowResolution ? small : Array.ConvertAll(small, p => Bicubic.Resize(p, scale));
        return new TrainingPicture(name, targets[0].Width, targets[0].Height, channels, scale, reads, new PicturePair(Interleave(inputs), Interleave(targets)));
    }

    /// <summary>What bicubic makes of it, [Height, Width, Channels].</summary>
    public float[] Enlarge(float[] input) =>
        InputScale == 1 ? input : Interleave(Array.ConvertAll(Separate(input, InputWidth, InputHeight), p => Bicubic.Resize(p, Scale)));

    /// <summary>What another network is given that reads <paramref name="reads"/>. The low resolution is made of the target, also where another one was given.</summary>
    public float[] InputOf(NetworkInput reads)
    {
        var (input, target) = Pixels();
        return reads == Reads ? input
            : reads == NetworkInput.Bicubic ? Enlarge(input)
            : Interleave(Array.ConvertAll(Separate(target, Width, Height), p => Degradation.LowResolution(p, Scale)));
    }

    private Plane[] Separate(float[] values, int width, int height) =>
        [.. Enumerable.Range(0, Channels).Select(c => new Plane(width, height, [.. Enumerable.Range(0, width * height).Select(i => values[(i * Channels) + c])]))];

    private static Plane[] Planes(Image image, int channels) => channels == 1
        ? [Luma.Rounded(image)]
        : [.. Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels >= 3 ? c : 0))];

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[planes[0].Values.Length * planes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = planes[i % planes.Length].Values[i / planes.Length];
        return values;
    }
}
