namespace Srcnn.Engine.Imaging;

/// <summary>Rows of a picture with alpha, laid on a colour: what is read has no alpha. Samples are mixed as they are stored, as viewers do.</summary>
public sealed class FlatteningReader : IImageReader
{
    private const int Colors = 3, To16 = 257;

    private readonly IImageReader reader;
    private readonly int[] background;
    private readonly int max;
    private ushort[] source = [];

    /// <param name="reader">A picture with alpha; owned.</param>
    /// <param name="red">0 to 255, as <paramref name="green"/> and <paramref name="blue"/>. On a grey, a grey picture stays one.</param>
    /// <exception cref="ArgumentException">It has no alpha.</exception>
    public FlatteningReader(IImageReader reader, byte red, byte green, byte blue)
    {
        if (!reader.Info.HasAlpha)
            throw new ArgumentException($"a picture of {reader.Info.Channels} channels; expected one with alpha", nameof(reader));
        this.reader = reader;
        max = (1 << reader.Info.BitDepth) - 1;
        background = [.. new[] { red, green, blue }.Select(c => reader.Info.BitDepth == 16 ? c * To16 : c)];
        var isGrey = reader.Info.Channels == 2 && red == green && green == blue;
        Info = reader.Info with { Channels = isGrey ? 1 : Colors };
        // A grey picture on a colour has colours: a profile of greys no longer tells what they are.
        if (!isGrey && Info.Metadata.Icc is { } icc && IccProfile.IsGrey(icc)) Info = Info with { Metadata = Info.Metadata with { Icc = null } };
    }

    /// <inheritdoc/>
    public ImageInfo Info { get; }

    /// <inheritdoc/>
    public int ReadRows(Span<ushort> rows)
    {
        var (channels, into) = (reader.Info.Channels, Info.Channels);
        var length = rows.Length / (Info.Width * into) * Info.Width * channels;
        if (source.Length < length) source = new ushort[length];
        var count = reader.ReadRows(source.AsSpan(0, length));
        for (int from = 0, to = 0; to < count * Info.Width * into; from += channels, to += into)
        {
            long alpha = source[from + channels - 1];
            for (var c = 0; c < into; c++)
            {
                var color = source[from + Math.Min(c, channels - 2)];
                rows[to + c] = (ushort)(((color * alpha) + (background[c] * (max - alpha)) + (max / 2)) / max);
            }
        }
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => reader.Dispose();
}
