using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;

namespace Srcnn.Engine.Evaluation;

/// <summary>
/// An original and the low resolution made of it. Everything is scored on the original's rounded 8-bit luma, cropped to a multiple of the
/// scale and shaved by the scale.
/// </summary>
internal sealed class TestPicture
{
    private readonly Image original;
    private readonly int scale;
    private readonly Protocol protocol;

    /// <exception cref="ImageException">The picture is too small to be scored.</exception>
    public TestPicture(string path, Image image, int scale, Protocol protocol)
    {
        Check(path, image.Info, scale);
        (original, this.scale, this.protocol) = (image.CropToMultiple(scale), scale, protocol);
        Luma = Imaging.Luma.Rounded(original);
    }

    /// <exception cref="ImageException">The picture is too small to be scored.</exception>
    public static void Check(string path, ImageInfo info, int scale)
    {
        var least = Ssim.WindowSize + (2 * scale) + (scale - 1); // some of it is cropped
        if (Math.Min(info.Width, info.Height) < least)
            throw new ImageException(path, $"{info.Width}×{info.Height} pixels", $"at least {least} on each side to score scale {scale}");
    }

    public int Width => original.Width;
    public int Height => original.Height;

    /// <summary>What results are compared with.</summary>
    public Plane Luma { get; }

    /// <summary>The low resolution: luma, or red, green and blue.</summary>
    public Plane[] Low(int channels)
    {
        if (protocol == Protocol.Rgb8)
        {
            var low = Degradation.LowResolution8(original, scale);
            return channels == 1 ? [Imaging.Luma.Rounded(low)] : Channels(low);
        }
        return channels == 1 ? [Degradation.LowResolution(Luma, scale)] : Array.ConvertAll(Channels(original), p => Degradation.LowResolution(p, scale));
    }

    /// <summary>The luma of what an upscaler made, before it is rounded; three channels become 8-bit RGB first.</summary>
    public static Plane LumaOf(Plane[] planes)
    {
        if (planes.Length == 1) return planes[0];
        var rgb = new Image(planes[0].Width, planes[0].Height, 3);
        for (var c = 0; c < 3; c++)
        {
            var bytes = planes[c].ToBytes();
            for (var i = 0; i < bytes.Length; i++) rgb.Samples[(i * 3) + c] = bytes[i];
        }
        return Imaging.Luma.Rounded(rgb);
    }

    public Score Score(Plane luma) => new(Psnr.Compute(luma, Luma, scale), Ssim.Compute(luma, Luma, scale));

    public Score Bicubic() => Score(Imaging.Bicubic.Resize(Low(1)[0], scale));

    private static Plane[] Channels(Image image) =>
        [.. Enumerable.Range(0, 3).Select(c => Plane.FromChannel(image, image.Channels <= 2 ? 0 : c))];
}
