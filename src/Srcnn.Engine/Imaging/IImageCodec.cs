namespace Srcnn.Engine.Imaging;

/// <summary>Reads and writes some formats row by row. Metadata passes through as blobs.</summary>
internal interface IImageCodec
{
    /// <summary>Reads the header only.</summary>
    /// <param name="format">What the content of the file was recognised as.</param>
    /// <exception cref="ImageException">The header is broken, or announces what cannot be decoded.</exception>
    ImageInfo Probe(string path, ImageFormat format);

    /// <summary>Opens a file for its rows.</summary>
    /// <exception cref="ImageException">As <see cref="Probe"/>, or what <paramref name="options"/> refuse; nothing was decoded then.</exception>
    IImageReader Open(string path, ImageFormat format, ReadingOptions options);

    /// <summary>Starts a file in <see cref="ImageInfo.Format"/>.</summary>
    /// <param name="path">The name for messages; the codec touches only <paramref name="stream"/>.</param>
    /// <param name="stream">Empty, writable and seekable; stays open.</param>
    /// <param name="quality">1 to 100 where the format loses; null takes its default: 95 for JPEG, lossless for WebP.</param>
    /// <exception cref="ImageException">The format cannot hold such a picture.</exception>
    IImageWriter Create(string path, Stream stream, ImageInfo info, int? quality);
}

/// <summary>Rows of one picture from the top.</summary>
public interface IImageReader : IDisposable
{
    /// <summary>What the header says.</summary>
    ImageInfo Info { get; }

    /// <summary>Decodes the next rows into interleaved samples.</summary>
    /// <param name="rows">As many rows as fit are read, Width·Channels samples each.</param>
    /// <returns>The number of rows read; 0 at the end of the picture.</returns>
    /// <exception cref="ImageException">The file is broken or ends early.</exception>
    int ReadRows(Span<ushort> rows);

    /// <summary>Decodes the next rows until <paramref name="rows"/> is full.</summary>
    /// <exception cref="ImageException">The file is broken or ends early.</exception>
    void Fill(Span<ushort> rows)
    {
        const int AtOnce = 64;
        var rowLength = Info.Width * Info.Channels;
        while (rows.Length > 0)
        {
            var count = ReadRows(rows[..Math.Min(rows.Length, AtOnce * rowLength)]);
            if (count == 0) throw new ImageException("the picture", $"an end {rows.Length / rowLength} rows early", $"{Info.Height} rows");
            rows = rows[(count * rowLength)..];
        }
    }
}

/// <summary>Takes the rows of one picture from the top. Disposed before <see cref="Complete"/>, it leaves nothing.</summary>
public interface IImageWriter : IDisposable
{
    /// <summary>Appends whole rows of interleaved samples.</summary>
    void WriteRows(ReadOnlySpan<ushort> rows);

    /// <summary>Finishes the file after the last row.</summary>
    void Complete();
}
