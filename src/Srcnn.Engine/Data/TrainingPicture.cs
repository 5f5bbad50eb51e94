using System.IO.Hashing;
using System.Runtime.InteropServices;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Data;

/// <summary>What the network is given and what it should give.</summary>
/// <param name="Input">[Height, Width, Channels] of the input, about [0, 1]: the low resolution, or that enlarged again by bicubic.</param>
/// <param name="Target">[Height, Width, Channels], the original, 8-bit values divided by 255.</param>
public sealed record PicturePair(float[] Input, float[] Target);

/// <summary>A picture to train or to judge on.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Width">Pixels, a multiple of the scale.</param>
/// <param name="Height">Pixels, a multiple of the scale.</param>
/// <param name="Channels">1 (luma) or 3 (RGB), interleaved.</param>
/// <param name="Scale">By what the original was shrunk.</param>
/// <param name="InputScale">Pixels of the target per pixel of the input, each way: the scale, or 1 for networks that read bicubic's enlargement.</param>
/// <param name="Hash">Of scale, size and target: equal pictures have equal ones.</param>
/// <param name="Pixels">Gives the values, out of memory or by decoding the file again; workers may call it at once.</param>
public sealed record TrainingPicture(string Name, int Width, int Height, int Channels, int Scale, int InputScale, UInt128 Hash, Func<PicturePair> Pixels)
{
    /// <summary>A picture that stays in memory.</summary>
    public TrainingPicture(string name, int width, int height, int channels, int scale, PicturePair pair)
        : this(name, width, height, channels, scale, pair.Input.Length == pair.Target.Length ? 1 : scale, HashOf(pair, width, scale), () => pair)
    {
    }

    public int InputWidth => Width / InputScale;

    public int InputHeight => Height / InputScale;

    /// <summary>Bytes the values take in memory.</summary>
    public long Size => (long)sizeof(float) * Channels * ((Width * Height) + (InputWidth * InputHeight));

    /// <summary>Crops to a multiple of <paramref name="scale"/>, then shrinks and, if the network reads that, enlarges in float, the authors' order of work.</summary>
    /// <param name="low">The low resolution, where it is given and not to be made.</param>
    public static TrainingPicture From(string name, Image image, int scale, int channels, NetworkInput input = NetworkInput.Bicubic, Image? low = null)
    {
        var targets = Array.ConvertAll(Planes(image, channels), p => p.CropToMultiple(scale));
        var small = low is null ? Array.ConvertAll(targets, t => Degradation.LowResolution(t, scale)) : Planes(low, channels);
        var inputs = input == NetworkInput.LowResolution ? small : Array.ConvertAll(small, p => BicubicUpscaler.Enlarge(p, scale));
        return new TrainingPicture(name, targets[0].Width, targets[0].Height, channels, scale, new PicturePair(Interleave(inputs), Interleave(targets)));
    }

    /// <summary>What bicubic makes of the input of <paramref name="pair"/>, [Height, Width, Channels].</summary>
    public float[] Enlarged(PicturePair pair)
    {
        if (InputScale == 1) return pair.Input;
        var planes = Enumerable.Range(0, Channels)
            .Select(c => new Plane(InputWidth, InputHeight, [.. Enumerable.Range(0, InputWidth * InputHeight).Select(i => pair.Input[(i * Channels) + c])]));
        return Interleave([.. planes.Select(p => BicubicUpscaler.Enlarge(p, Scale))]);
    }

    private static Plane[] Planes(Image image, int channels) => channels == 1
        ? [Luma.Rounded(image)]
        : [.. Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels >= 3 ? c : 0))];

    private static UInt128 HashOf(PicturePair pair, int width, int scale) =>
        XxHash128.HashToUInt128(MemoryMarshal.AsBytes(pair.Target.AsSpan()), ((long)width << 8) | (long)scale);

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[planes[0].Values.Length * planes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = planes[i % planes.Length].Values[i / planes.Length];
        return values;
    }
}
