namespace Srcnn.Engine.Imaging;

/// <summary>What is taken of a picture file, and what is refused.</summary>
public sealed record ReadingOptions
{
    /// <summary>Larger pictures are refused by their header.</summary>
    public long MaxPixels { get; init; } = ImageFile.DefaultMaxPixels;

    /// <summary>The page of a TIFF or the frame of an animation to read, from 1. Null refuses a file that has several.</summary>
    public int? Page { get; init; }

    /// <summary>Whether a file that lacks its end marker, or has bytes behind it, is refused though every pixel is there.</summary>
    public bool IsStrict { get; init; }

    /// <summary>Whether a damaged file is taken as far as it can be decoded; the rest is whatever the decoder leaves, mostly grey or black.</summary>
    public bool AcceptsDamage { get; init; }

    /// <summary>Told in a line what is odd about a file that is read nevertheless.</summary>
    public Action<string>? Warn { get; init; }
}
