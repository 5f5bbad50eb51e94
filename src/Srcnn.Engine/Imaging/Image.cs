namespace Srcnn.Engine.Imaging;

/// <summary>A decoded picture: interleaved rows from the top, samples in [0, 2^BitDepth − 1], alpha not premultiplied.</summary>
public sealed class Image
{
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <param name="samples">[Height, Width, Channels]; not copied.</param>
    public Image(int width, int height, int channels, int bitDepth, ushort[] samples, ImageMetadata? metadata = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is < 1 or > 4) throw new ArgumentOutOfRangeException(nameof(channels), channels, "1 to 4 channels");
        if (bitDepth is not (8 or 16)) throw new ArgumentOutOfRangeException(nameof(bitDepth), bitDepth, "8 or 16 bit");
        if (samples.LongLength != (long)width * height * channels)
            throw new ArgumentException($"{samples.LongLength} samples for {width}×{height} with {channels} channels", nameof(samples));
        (Width, Height, Channels, BitDepth, Samples) = (width, height, channels, bitDepth, samples);
        Metadata = metadata ?? ImageMetadata.Empty;
    }

    /// <summary>A black, transparent picture.</summary>
    public Image(int width, int height, int channels, int bitDepth = 8)
        : this(width, height, channels, bitDepth, new ushort[checked(width * height * channels)]) { }

    public int Width { get; }
    public int Height { get; }

    /// <summary>1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.</summary>
    public int Channels { get; }

    /// <summary>8 or 16.</summary>
    public int BitDepth { get; }

    /// <summary>[Height, Width, Channels], each in [0, <see cref="MaxSample"/>]. Whoever writes here changes the picture.</summary>
    public ushort[] Samples { get; }

    /// <summary>What a file would say beside the samples.</summary>
    public ImageMetadata Metadata { get; init; }

    /// <summary>What the header of a file that holds it would say, but for the format.</summary>
    internal ImageInfo Info => new(default, Width, Height, Channels, BitDepth, Metadata);

    /// <summary>The largest sample, 255 or 65535.</summary>
    public int MaxSample => (1 << BitDepth) - 1;

    /// <summary>The samples of a row, which may be written.</summary>
    public Span<ushort> Row(int y) => Samples.AsSpan(y * Width * Channels, Width * Channels);

    /// <summary>The top left part, cut so that both sides are multiples of <paramref name="scale"/> (MATLAB scripts call it modcrop).</summary>
    public Image CropToMultiple(int scale)
    {
        var (width, height) = (Width - Width % scale, Height - Height % scale);
        if (width == 0 || height == 0)
            throw new ArgumentException($"a picture of {Width}×{Height} pixels has no part that is a multiple of {scale}", nameof(scale));
        return width == Width && height == Height ? this : Cut(0, 0, width, height);
    }

    /// <summary>A part of it, with its metadata.</summary>
    public Image Cut(int x, int y, int width, int height)
    {
        var cut = new Image(width, height, Channels, BitDepth) { Metadata = Metadata };
        for (var row = 0; row < height; row++) Row(y + row).Slice(x * Channels, width * Channels).CopyTo(cut.Row(row));
        return cut;
    }
}
