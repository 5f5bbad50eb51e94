namespace Srcnn.Engine.Imaging;

/// <summary>Rows of a BMP file, one stored row in memory at a time.</summary>
internal sealed class BmpReader(string path, FileStream stream, BmpHeader header, ImageInfo info) : IImageReader
{
    private readonly byte[] stored = new byte[header.Stride];
    private int next;

    public ImageInfo Info => info;

    public int ReadRows(Span<ushort> rows)
    {
        var rowLength = info.Width * info.Channels;
        var count = Math.Min(rows.Length / rowLength, info.Height - next);
        for (var i = 0; i < count; i++, next++)
        {
            stream.Position = header.DataOffset + header.Stride * (header.BottomUp ? info.Height - 1 - next : next);
            if (stream.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false) < stored.Length)
                throw new ImageException(path, $"a BMP file that ends in row {next}", $"{info.Height} rows");
            var row = rows.Slice(i * rowLength, rowLength);
            if (header.BitsPerPixel <= 8) Indexed(row);
            else Direct(row);
        }
        return count;
    }

    public void Dispose() => stream.Dispose();

    private void Indexed(Span<ushort> row)
    {
        var (bits, palette) = (header.BitsPerPixel, header.Palette);
        for (var x = 0; x < info.Width; x++)
        {
            var bit = (long)x * bits;
            var index = stored[bit >> 3] >> (8 - bits - (int)(bit & 7)) & (1 << bits) - 1;
            if (index * 3 >= palette.Length)
                throw new ImageException(path, $"a BMP pixel of colour {index}", $"one of the {palette.Length / 3} in its palette");
            for (var c = 0; c < info.Channels; c++) row[x * info.Channels + c] = palette[index * 3 + c];
        }
    }

    private void Direct(Span<ushort> row)
    {
        var size = header.BitsPerPixel / 8;
        var (red, green, blue, alpha) = header.Shifts;
        for (int x = 0, s = 0; x < info.Width; x++, s += info.Channels)
        {
            var pixel = stored.AsSpan(x * size, size);
            (row[s], row[s + 1], row[s + 2]) = (pixel[red / 8], pixel[green / 8], pixel[blue / 8]);
            if (alpha >= 0) row[s + 3] = pixel[alpha / 8];
        }
    }
}
