namespace Srcnn.Engine.Imaging;

/// <summary>What the header of a file says, or what a file to be written shall hold. Sizes are those after EXIF rotation.</summary>
/// <param name="Format">Of the file.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</param>
/// <param name="BitDepth">8 or 16.</param>
/// <param name="Metadata">Kept from input to output.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, int Channels, int BitDepth, ImageMetadata Metadata)
{
    public long Pixels => (long)Width * Height;

    public bool HasAlpha => Channels is 2 or 4;
}
