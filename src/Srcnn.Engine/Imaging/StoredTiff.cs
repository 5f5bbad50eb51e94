namespace Srcnn.Engine.Imaging;

/// <summary>
/// An uncompressed TIFF that libvips reads while its rows are still being made: the header says where every strip will lie, and the strips
/// come in order. libvips' own raw loader wants a whole file, and the checksums of a stored PNG cost as much as encoding a JPEG.
/// </summary>
internal sealed class StoredTiff
{
    /// <summary>Bytes of a strip, which libvips reads at once.</summary>
    private const int StripBytes = 1 << 18;

    private readonly RowPipe rows;
    private readonly byte[] header;
    private readonly long length;
    private long position, next;

    /// <param name="rows">Gives the bytes of the rows, samples of 16 bit in the processor's order.</param>
    /// <param name="info">Size and channels.</param>
    /// <param name="bitDepth">8 or 16.</param>
    public StoredTiff(RowPipe rows, ImageInfo info, int bitDepth)
    {
        this.rows = rows;
        header = Header(info, bitDepth, out length);
        next = header.Length;
    }

    /// <summary>As <see cref="RowPipe.Read"/>.</summary>
    public int Read(Span<byte> bytes)
    {
        if (position < header.Length)
        {
            var known = header.AsSpan((int)position);
            known = known[..Math.Min(known.Length, bytes.Length)];
            known.CopyTo(bytes);
            position += known.Length;
            return known.Length;
        }
        if (position != next) return position >= length ? 0 : -1; // rows that have gone, or are yet to come
        var count = rows.Read(bytes);
        position = next += Math.Max(0, count);
        return count;
    }

    /// <summary>The new place, from which only the header and the next row can be read.</summary>
    public long Seek(long offset, SeekOrigin origin) =>
        position = offset + origin switch { SeekOrigin.Begin => 0, SeekOrigin.Current => position, _ => length };

    // BigTIFF, little-endian as every processor that libvips' packages are built for.
    private static byte[] Header(ImageInfo info, int bitDepth, out long length)
    {
        const ushort Short = 3, Long = 4, Long8 = 16;
        const int Start = 16, EntryBytes = 20, Number = sizeof(long);
        var rowBytes = (long)info.Width * info.Channels * bitDepth / 8;
        var stripRows = Math.Clamp(StripBytes / rowBytes, 1, info.Height);
        var strips = (info.Height + stripRows - 1) / stripRows;
        var entries = info.HasAlpha ? 10 : 9;
        var places = Start + Number + (entries * EntryBytes) + Number;
        var lengths = places + (strips * Number);
        var data = lengths + (strips * Number);
        length = data + (rowBytes * info.Height);

        var header = new MemoryStream();
        using var writer = new BinaryWriter(header);
        writer.Write([(byte)'I', (byte)'I', 43, 0, Number, 0, 0, 0]);
        writer.Write((long)Start);
        writer.Write((long)entries);
        Entry(256, Long, 1, info.Width);
        Entry(257, Long, 1, info.Height);
        Entry(258, Short, info.Channels, bitDepth * 0x0001_0001_0001_0001L); // bits of every sample
        Entry(259, Short, 1, 1); // no compression
        Entry(262, Short, 1, info.Channels >= 3 ? 2 : 1); // RGB, or black is zero
        Entry(273, Long8, strips, strips == 1 ? data : places); // one number stands in the entry itself
        Entry(277, Short, 1, info.Channels);
        Entry(278, Long, 1, stripRows);
        Entry(279, Long8, strips, strips == 1 ? length - data : lengths);
        if (info.HasAlpha) Entry(338, Short, 1, 2); // the last sample is alpha, not premultiplied
        writer.Write(0L);
        var strip = stripRows * rowBytes;
        for (var at = data; at < length; at += strip) writer.Write(at);
        for (var at = data; at < length; at += strip) writer.Write(Math.Min(strip, length - at));
        return header.ToArray();

        void Entry(ushort tag, ushort type, long count, long value)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(count);
            writer.Write(value);
        }
    }
}
