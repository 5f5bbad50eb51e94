namespace Srcnn.Engine.Imaging;

/// <summary>Rows of a picture that goes on beyond its edges as at the other side, by a margin: a seamless texture, or a panorama whose left end meets its right one.</summary>
public sealed class WrappingReader : IImageReader
{
    private readonly IImageReader reader;
    private readonly int margin;
    private readonly bool vertically;
    private ushort[] row = [];
    private Image? whole;
    private int next;

    /// <param name="reader">At its first row; not owned.</param>
    /// <param name="margin">Pixels on the left and on the right; may be more than the picture has.</param>
    /// <param name="vertically">Also above and below, for which the whole picture is held in memory.</param>
    public WrappingReader(IImageReader reader, int margin, bool vertically)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(margin);
        (this.reader, this.margin, this.vertically) = (reader, margin, vertically);
        var (width, height) = (reader.Info.Width, reader.Info.Height);
        Info = reader.Info with { Width = checked(width + (2 * margin)), Height = checked(height + (vertically ? 2 * margin : 0)) };
    }

    /// <inheritdoc/>
    public ImageInfo Info { get; }

    /// <inheritdoc/>
    public int ReadRows(Span<ushort> rows)
    {
        var length = Info.Width * Info.Channels;
        var count = Math.Min(rows.Length / length, Info.Height - next);
        for (var y = 0; y < count; y++) Spread(Next(), rows.Slice(y * length, length));
        return count;
    }

    private ReadOnlySpan<ushort> Next()
    {
        var y = next++;
        if (vertically)
        {
            whole ??= ImageFile.ReadAll(reader);
            return whole.Row(Around(y - margin, whole.Height));
        }
        if (row.Length == 0) row = new ushort[reader.Info.Width * Info.Channels];
        reader.Fill(row);
        return row;
    }

    private void Spread(ReadOnlySpan<ushort> pixels, Span<ushort> wide)
    {
        var (width, channels) = (reader.Info.Width, Info.Channels);
        for (var x = 0; x < Info.Width; x++) pixels.Slice(Around(x - margin, width) * channels, channels).CopyTo(wide[(x * channels)..]);
    }

    private static int Around(int place, int length) => ((place % length) + length) % length;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
