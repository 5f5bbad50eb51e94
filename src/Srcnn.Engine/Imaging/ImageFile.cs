namespace Srcnn.Engine.Imaging;

/// <summary>
/// Pictures in files. What is read goes by content, never by name; what is written goes by extension or an explicit format.
/// Trouble of the file system surfaces as <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
public static class ImageFile
{
    /// <summary>Largest picture decoded unless the caller says otherwise: 2²⁸, about 268 million pixels.</summary>
    public const long DefaultMaxPixels = 1L << 28;

    /// <summary>Size, channels, depth and metadata from the header; no pixel is decoded and no size refused.</summary>
    /// <exception cref="ImageException">No format of ours, or a broken header.</exception>
    public static ImageInfo Probe(string path)
    {
        var format = Recognise(path);
        return Codec(format).Probe(path, format);
    }

    /// <summary>The same of a file that is to be read as one picture.</summary>
    /// <exception cref="ImageException">As <see cref="Probe"/>, or it has several pages or frames.</exception>
    internal static ImageInfo ProbeOne(string path)
    {
        var info = Probe(path);
        // A TIFF of one page and smaller copies of it is a picture.
        var pages = info is { Format: ImageFormat.Tiff, Pages: > 1 } ? Pages(path).Count : info.Pages;
        return pages <= 1 ? info : throw Several(path, info.Format, pages);
    }

    /// <summary>What to say of a file of several pages or frames where one picture is wanted.</summary>
    internal static ImageException Several(string path, ImageFormat format, int pages) => format == ImageFormat.Tiff
        ? new(path, $"a TIFF of {pages} pages", "a single page; 'upscale --page N' takes one")
        : new(path, $"an animation of {pages} frames ({format.Name()})", "a still picture; 'upscale --page N' takes one frame");

    /// <summary>Opens a picture for its rows.</summary>
    /// <exception cref="ImageException">As <see cref="Probe"/>, or more pixels than allowed.</exception>
    public static IImageReader Open(string path, long maxPixels = DefaultMaxPixels) => Open(path, new ReadingOptions { MaxPixels = maxPixels });

    /// <summary>Opens a picture for its rows.</summary>
    /// <exception cref="ImageException">As <see cref="Probe"/>, or what the options refuse.</exception>
    public static IImageReader Open(string path, ReadingOptions options)
    {
        var format = Recognise(path);
        // As in ProbeOne.
        if (format == ImageFormat.Tiff && options.Page is null && Pages(path) is [{ } only]) options = options with { Page = only };
        return Codec(format, options.Warn).Open(path, format, options);
    }

    /// <summary>Decodes a whole picture.</summary>
    /// <exception cref="ImageException">As <see cref="Open(string, long)"/>, or the file is broken or ends early.</exception>
    public static Image Read(string path, long maxPixels = DefaultMaxPixels) => Read(path, new ReadingOptions { MaxPixels = maxPixels });

    /// <summary>Decodes a whole picture.</summary>
    /// <exception cref="ImageException">As <see cref="Open(string, ReadingOptions)"/>, or the file is broken or ends early.</exception>
    public static Image Read(string path, ReadingOptions options)
    {
        using var reader = Open(path, options);
        return ReadAll(reader);
    }

    /// <summary>Decodes a whole picture that is at its first row.</summary>
    /// <exception cref="ImageException">It is larger than memory can hold, broken or ends early.</exception>
    public static Image ReadAll(IImageReader reader)
    {
        var info = reader.Info;
        if (info.Pixels * info.Channels > Array.MaxLength)
            throw new ImageException("the picture", $"{info.Width}×{info.Height} pixels of {info.Channels} channels", $"at most {Array.MaxLength} samples");
        var samples = new ushort[info.Pixels * info.Channels];
        reader.Fill(samples);
        return new Image(info.Width, info.Height, info.Channels, info.BitDepth, samples, info.Metadata);
    }

    /// <summary>
    /// Starts a picture that is written row by row beside <paramref name="path"/> and takes its name when completed.
    /// An existing file is replaced then, and left alone otherwise.
    /// </summary>
    /// <param name="info">What will be written, its format included.</param>
    /// <param name="quality">1 to 100 for JPEG (default 95) and WebP (default: lossless).</param>
    /// <exception cref="ImageException">The format cannot hold such a picture.</exception>
    public static IImageWriter Create(string path, ImageInfo info, int? quality = null) =>
        new ReplacingWriter(path, info, quality);

    /// <summary>The same for a picture of several pages.</summary>
    /// <param name="pages">What will be written, page by page.</param>
    /// <exception cref="ImageException">The format holds one page only.</exception>
    public static PictureWriter Create(string path, IReadOnlyList<ImageInfo> pages, int? quality = null)
    {
        if (pages.Count > 1 && pages[0].Format != ImageFormat.Tiff)
            throw new ImageException(path, $"{pages.Count} pages for a {pages[0].Format.Name()} file", "TIFF, which has pages, or one of them by --page N");
        return new PictureWriter(path, quality, pages.Sum(page => page.Bytes) > ImageInfo.MostSmallTiff);
    }

    /// <summary>The numbers, from 1, of the pages of a TIFF, for <see cref="ReadingOptions.Page"/>; a single null for every other file. Smaller copies of other pages are left out, with a word.</summary>
    /// <exception cref="ImageException">No format of ours.</exception>
    public static IReadOnlyList<int?> Pages(string path, Action<string>? warn = null)
    {
        if (Recognise(path) != ImageFormat.Tiff) return [null];
        using var file = File.OpenRead(path);
        var (pages, all) = (TiffPages.Numbers(file), TiffPages.Places(file).Count);
        if (pages.Count < all) warn?.Invoke($"{path}: {all - pages.Count} of its {all} pages are smaller copies of others; they are left out");
        return [.. pages.Select(page => (int?)page)];
    }

    /// <summary>Writes a whole picture; on failure nothing is left and an existing file is untouched.</summary>
    /// <param name="format">Null takes the format of the extension.</param>
    /// <exception cref="ImageException">The extension is unknown, or the format cannot hold such a picture.</exception>
    public static void Write(string path, Image image, ImageFormat? format = null, int? quality = null)
    {
        using var writer = Create(path, image.Info with { Format = format ?? FormatOf(path) }, quality);
        writer.WriteRows(image.Samples);
        writer.Complete();
    }

    /// <summary>The format that a file to be written gets by its name.</summary>
    /// <exception cref="ImageException">The extension is none of ours.</exception>
    internal static ImageFormat FormatOf(string path) => ImageFormats.FromExtension(path)
        ?? throw new ImageException(path, $"the extension '{Path.GetExtension(path)}'", $"that of {ImageFormats.Names}");

    internal static void CheckPixels(string path, ImageInfo info, long maxPixels)
    {
        if (info.Pixels > maxPixels)
            throw new ImageException(path, $"{info.Width}×{info.Height} = {info.Pixels} pixels", $"at most {maxPixels}; raise the limit (--max-pixels) to read it");
    }

    /// <summary>The codec of a format. NetVipsCodec is named only where libvips is needed: naming it loads 18 MB of native code.</summary>
    internal static IImageCodec Codec(ImageFormat format, Action<string>? warn = null)
    {
        if (format is ImageFormat.Bmp or ImageFormat.Pnm or ImageFormat.Tga) return new ImageSharpCodec();
        return NetVipsIfLoaded() ?? Fallback(format, warn);
    }

    /// <summary>What reads and writes a format where libvips does not load.</summary>
    /// <exception cref="DllNotFoundException">Nothing does.</exception>
    internal static IImageCodec Fallback(ImageFormat format, Action<string>? warn)
    {
        if (format is not (ImageFormat.Png or ImageFormat.Jpeg)) throw NetVipsCodec.Missing();
        if (warn is not null && Interlocked.Exchange(ref toldOfFallback, 1) == 0)
            warn("libvips does not load here; PNG and JPEG are read and written without it, each a whole picture in memory; WebP and TIFF are not");
        return new ImageSharpCodec();
    }

    private static int toldOfFallback;

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static NetVipsCodec? NetVipsIfLoaded() => NetVipsCodec.IsLoaded ? new NetVipsCodec() : null;

    private static ImageFormat Recognise(string path)
    {
        Span<byte> start = stackalloc byte[ImageFormats.SignatureLength];
        using var stream = File.OpenRead(path);
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (start.Length < ImageFormats.SignatureLength)
            throw new ImageException(path, $"a file of {start.Length} bytes", ImageFormats.Names);
        if (ImageFormats.FromContent(start) is { } format) return format;
        if (ImageFormats.RefusedByContent(start) is { } name)
            throw new ImageException(path, $"a {name} picture, which is not read", $"{ImageFormats.Names}; convert it to PNG with the program that made it");
        // TGA has no signature.
        return ImageFormats.FromExtension(path) == ImageFormat.Tga ? ImageFormat.Tga
            : throw new ImageException(path, $"a file that begins with {Convert.ToHexString(start[..4])}", ImageFormats.Names);
    }
}
