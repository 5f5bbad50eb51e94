using System.Runtime.InteropServices;
using NetVips;

namespace Srcnn.Engine.Imaging;

/// <summary>Rows of a PNG, JPEG, WebP or TIFF file, decoded as they are asked for; a rotated picture is decoded whole by libvips first.</summary>
internal sealed class NetVipsReader : IImageReader
{
    private const int UprightOrientation = 1;

    /// <summary>Fetched at a time: larger arrays would be left for the rarest garbage collections, and their native copies in every thread's heap.</summary>
    private const int FetchBytes = 64 * 1024;

    private readonly string path;
    private readonly NetVips.Image image;
    private readonly Region region;
    private readonly TiffColors? tiff;
    private readonly FileEnd? end;
    private readonly int page;
    private readonly Enums.FailOn failOn = Enums.FailOn.Warning;
    private int next;

    /// <param name="options">Null where only the header is asked for.</param>
    public NetVipsReader(string path, ImageFormat format, ReadingOptions? options)
    {
        this.path = path;
        NetVips.Image? stored = null;
        try
        {
            page = (options?.Page ?? 1) - 1;
            var (metadata, pages) = FileMetadata.Read(path, format, page);
            if (options is not null) CheckPage(format, options.Page, pages);
            if (format == ImageFormat.Tiff) tiff = ColorsOfPage();
            stored = Load(format, Enums.Access.Sequential);
            if (options is not null)
            {
                ImageFile.CheckPixels(path, Describe(stored, format, ImageMetadata.Empty), options.MaxPixels);
                end = FileEnd.Of(path, format);
                if (options.AcceptsDamage && Damage(format) is { } damage)
                {
                    options.Warn?.Invoke($"{path}: damaged ({damage}); what could be decoded is taken");
                    failOn = Enums.FailOn.None;
                }
                else end.Check(path, format, options);
                if (failOn == Enums.FailOn.None || end is { IsThere: false, IsWhole: true })
                {
                    stored.Dispose();
                    stored = Load(format, Enums.Access.Sequential);
                }
            }
            if (stored.Contains("orientation") && stored.Get("orientation") is int and not UprightOrientation)
            {
                stored.Dispose();
                using var random = Load(format, Enums.Access.Random); // rotation reads columns
                stored = random.Autorot();
            }
            image = ToGreyOrRgb(stored);
            if (!ReferenceEquals(image, stored)) stored.Dispose();
            Info = Describe(image, format, metadata) with { Pages = pages };
            region = Region.New(image);
        }
        catch (Exception e)
        {
            stored?.Dispose();
            if (e is VipsException broken) throw Broken(broken.Message, broken);
            throw;
        }
    }

    public ImageInfo Info { get; }

    public int ReadRows(Span<ushort> rows)
    {
        var rowLength = Info.Width * Info.Channels;
        var count = Math.Min(rows.Length / rowLength, Info.Height - next);
        var atOnce = Math.Max(1, FetchBytes / (rowLength * Info.BitDepth / 8));
        for (var row = 0; row < count; row += atOnce) Fetch(Math.Min(atOnce, count - row), rows[(row * rowLength)..]);
        if (count > 0 && next == Info.Height && NetVipsCodec.Warning(Dispose) is { } warning && failOn == Enums.FailOn.Warning) throw Broken(warning);
        return count;
    }

    private void Fetch(int count, Span<ushort> rows)
    {
        byte[] bytes;
        try
        {
            bytes = region.Fetch(0, next, Info.Width, count);
        }
        catch (VipsException e)
        {
            if (failOn == Enums.FailOn.Warning) throw Broken(e.Message, e);
            bytes = new byte[count * Info.Width * Info.Channels * Info.BitDepth / 8];
        }
        next += count;
        if (Info.BitDepth == 16) MemoryMarshal.Cast<byte, ushort>(bytes).CopyTo(rows);
        else for (var s = 0; s < bytes.Length; s++) rows[s] = bytes[s];
    }

    public void Dispose()
    {
        region.Dispose();
        image.Dispose();
    }

    /// <summary>Nothing is left out without a word: one of several is read only where it is asked for.</summary>
    private void CheckPage(ImageFormat format, int? asked, int pages)
    {
        var isTiff = format == ImageFormat.Tiff;
        if (asked < 1 || asked > pages)
            throw new ImageException(path, $"{(isTiff ? "page" : "frame")} {asked} of {pages}", $"--page 1 to {pages}");
        if (format == ImageFormat.Png && asked > 1)
            throw new ImageException(path, $"frame {asked} of an animated PNG", "its first frame; --page 1 takes it");
        if (asked is null && pages > 1)
            throw ImageFile.Several(path, format, pages);
    }

    private TiffColors? ColorsOfPage()
    {
        using var file = File.OpenRead(path);
        var places = TiffPages.Places(file);
        return page < places.Count ? TiffColors.Of(path, places[page]) : null;
    }

    private NetVips.Image Load(ImageFormat format, Enums.Access access) => format switch
    {
        ImageFormat.Png => NetVips.Image.Pngload(path, access: access, failOn: failOn),
        // A decoder that is given the end marker sees whether anything else is missing.
        ImageFormat.Jpeg when end is { IsThere: false, IsWhole: true } => NetVips.Image.JpegloadBuffer([.. File.ReadAllBytes(path), 0xFF, 0xD9], access: access, failOn: failOn),
        ImageFormat.Jpeg => NetVips.Image.Jpegload(path, access: access, failOn: failOn),
        ImageFormat.WebP => NetVips.Image.Webpload(path, page: page, access: access, failOn: failOn),
        ImageFormat.Tiff when tiff is { NeedsDisguise: true } => NetVips.Image.TiffloadBuffer(tiff.AsRgb(path), page: page, access: access, failOn: failOn),
        ImageFormat.Tiff => NetVips.Image.Tiffload(path, page: page, access: access, failOn: failOn),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "not a format of libvips"),
    };

    /// <summary>What is wrong with the pixels, found by decoding them all; null where nothing is.</summary>
    private string? Damage(ImageFormat format)
    {
        const int Rows = 64;
        try
        {
            return NetVipsCodec.Warning(() =>
            {
                using var pixels = Load(format, Enums.Access.Sequential);
                using var all = Region.New(pixels);
                for (var y = 0; y < pixels.Height; y += Rows) all.Fetch(0, y, pixels.Width, Math.Min(Rows, pixels.Height - y));
            }) is { } warning ? OneLine(warning) : null;
        }
        catch (VipsException e)
        {
            return OneLine(e.Message);
        }
    }

    private NetVips.Image ToGreyOrRgb(NetVips.Image stored)
    {
        if (stored.Interpretation == Enums.Interpretation.Cmyk && stored.Bands == 4)
            return stored.Colourspace(Enums.Interpretation.Srgb); // by the embedded profile, else a general one
        if (tiff is not null) stored = tiff.Convert(stored);
        if (stored.Format is not (Enums.BandFormat.Uchar or Enums.BandFormat.Ushort))
            throw new ImageException(path, $"samples of type {stored.Format}", "8 or 16 bit");
        var isGreyOrRgb = stored.Interpretation is Enums.Interpretation.Bw or Enums.Interpretation.Grey16
            or Enums.Interpretation.Srgb or Enums.Interpretation.Rgb or Enums.Interpretation.Rgb16;
        if (!isGreyOrRgb || stored.Bands is < 1 or > 4)
            throw new ImageException(path, $"{stored.Bands} channels of colour space {stored.Interpretation}", "grey or RGB, with or without alpha");
        return stored;
    }

    private static ImageInfo Describe(NetVips.Image image, ImageFormat format, ImageMetadata metadata) =>
        new(format, image.Width, image.Height, image.Bands, image.Format == Enums.BandFormat.Ushort ? 16 : 8, metadata);

    private ImageException Broken(string message, Exception? inner = null) =>
        new(path, $"a broken picture ({OneLine(message)})", "a complete one; 'upscale --damaged accept' takes what can be decoded", inner);

    private static string OneLine(string message) => message.Trim().ReplaceLineEndings("; ");
}
