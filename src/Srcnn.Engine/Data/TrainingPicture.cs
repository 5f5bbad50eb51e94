using System.IO.Hashing;
using System.Runtime.InteropServices;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Data;

/// <summary>What the network is given and what it should give, both [Height, Width, Channels].</summary>
/// <param name="Input">The original shrunk and enlarged again by bicubic, about [0, 1].</param>
/// <param name="Target">The original, 8-bit values divided by 255.</param>
public sealed record PicturePair(float[] Input, float[] Target);

/// <summary>A picture to train or to judge on.</summary>
/// <param name="Name">The file's name, for messages.</param>
/// <param name="Width">Pixels, a multiple of the scale.</param>
/// <param name="Height">Pixels, a multiple of the scale.</param>
/// <param name="Channels">1 (luma) or 3 (RGB), interleaved.</param>
/// <param name="Hash">Of size and target: equal pictures have equal ones.</param>
/// <param name="Pixels">Gives the values, out of memory or by decoding the file again; workers may call it at once.</param>
public sealed record TrainingPicture(string Name, int Width, int Height, int Channels, UInt128 Hash, Func<PicturePair> Pixels)
{
    /// <summary>A picture that stays in memory.</summary>
    public TrainingPicture(string name, int width, int height, int channels, PicturePair pair)
        : this(name, width, height, channels, XxHash128.HashToUInt128(MemoryMarshal.AsBytes(pair.Target.AsSpan()), width), () => pair)
    {
    }

    /// <summary>Bytes the values take in memory.</summary>
    public long Size => 2L * sizeof(float) * Width * Height * Channels;

    /// <summary>Crops to a multiple of <paramref name="scale"/>, then shrinks and enlarges in float, the authors' order of work.</summary>
    public static TrainingPicture From(string name, Image image, int scale, int channels)
    {
        var planes = channels == 1
            ? [Luma.Rounded(image)]
            : Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels >= 3 ? c : 0)).ToArray();
        var targets = Array.ConvertAll(planes, p => p.CropToMultiple(scale));
        var inputs = Array.ConvertAll(targets, t => Bicubic.Resize(Degradation.LowResolution(t, scale), t.Width, t.Height));
        return new TrainingPicture(name, targets[0].Width, targets[0].Height, channels, new PicturePair(Interleave(inputs), Interleave(targets)));
    }

    /// <summary>The same picture without its values in memory: it is read from <paramref name="path"/> whenever they are asked for.</summary>
    public TrainingPicture OnDisk(string path, int scale) => this with { Pixels = () => Read(path, scale) };

    private PicturePair Read(string path, int scale)
    {
        try
        {
            var now = From(Name, ImageFile.Read(path), scale, Channels);
            return now.Hash == Hash ? now.Pixels() : throw new DataException($"{path}: is another picture than when the run began; expected data that stays as it is; put it back");
        }
        catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{path}: could be read when the run began and no longer ({e.Message}); expected data that stays as it is; put it back");
        }
    }

    private static float[] Interleave(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0].Values;
        var values = new float[planes[0].Values.Length * planes.Length];
        for (var i = 0; i < values.Length; i++) values[i] = planes[i % planes.Length].Values[i / planes.Length];
        return values;
    }
}
