using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>The planes that a picture is taken apart into: first those that the network enlarges, then those that go around it by bicubic.</summary>
/// <param name="Picture">Channels and depth.</param>
/// <param name="NetworkChannels">1 luma, 3 red, green and blue.</param>
internal sealed record PictureLayout(ImageInfo Picture, int NetworkChannels)
{
    /// <summary>Whether planes are luma and chroma, luma alone for the network. A grey picture is R = G = B: it has no chroma.</summary>
    public bool IsLuma => NetworkChannels == 1;

    /// <summary>Planes of colour, or one of grey.</summary>
    public int Colors => Picture.Channels >= 3 ? 3 : 1;

    public int Count => Colors + (Picture.HasAlpha ? 1 : 0);

    /// <summary>Planes for the network.</summary>
    public int Network => IsLuma ? 1 : Colors;

    /// <summary>The largest sample.</summary>
    public int Max => (1 << Picture.BitDepth) - 1;
}
