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
    /// <summary>Pages of the file, or frames of an animation.</summary>
    public int Pages { get; init; } = 1;

    /// <summary>Whether places in a TIFF file are to be of 8 bytes, because all its pages together are large.</summary>
    internal bool NeedsBigTiff { get; init; }

    /// <summary>Of all samples, which a small TIFF holds up to here, with room for what stands beside them.</summary>
    internal const long MostSmallTiff = 3L << 30;

    internal long Bytes => Pixels * Channels * BitDepth / 8;

    public long Pixels => (long)Width * Height;

    public bool HasAlpha => Channels is 2 or 4;
}
