namespace Srcnn.Engine.Imaging;

/// <summary>How a picture file ends.</summary>
/// <param name="IsThere">The end marker; formats without one have it.</param>
/// <param name="IsWhole">Whether nothing else than the marker can be seen to lack. What the pixels themselves lack, the decoder sees.</param>
/// <param name="BytesBehind">After the end.</param>
internal sealed record FileEnd(bool IsThere, bool IsWhole, long BytesBehind)
{
    /// <summary>Where the file has an end marker. Reads it through, but not its pixels.</summary>
    public static FileEnd Of(string path, ImageFormat format)
    {
        if (format is not (ImageFormat.Jpeg or ImageFormat.Png)) return new FileEnd(true, true, 0);
        using var file = File.OpenRead(path);
        var (end, isWhole) = format == ImageFormat.Jpeg ? JpegScans.End(file) : (PngChunks.End(file), true);
        return new FileEnd(end is not null, isWhole, end is { } at ? file.Length - at : 0);
    }

    /// <summary>Says what is odd, or refuses it.</summary>
    /// <exception cref="ImageException">It is odd, and the options are strict.</exception>
    public void Check(string path, ImageFormat format, ReadingOptions options)
    {
        if (IsThere ? BytesBehind == 0 : !IsWhole) return;
        var found = IsThere ? $"{BytesBehind} bytes behind its end" : "no end marker";
        if (options.IsStrict) throw new ImageException(path, $"a {format.Name()} file with {found}", "a file that ends where it says; leave out --strict to read it");
        options.Warn?.Invoke($"{path}: a {format.Name()} file with {found}; it is read if every pixel is there; --strict refuses it");
    }
}
