namespace Srcnn.Engine.Imaging;

/// <summary>What the header of a file says, or what a file to be written shall hold. Sizes are those after EXIF rotation.</summary>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</param>
/// <param name="BitDepth">8 or 16.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, int Channels, int BitDepth, ImageMetadata Metadata)
{
    public long Pixels => (long)Width * Height;

    public bool HasAlpha => Channels is 2 or 4;
}
