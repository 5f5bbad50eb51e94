using System.Runtime.InteropServices;
using NetVips;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// PNG, JPEG, WebP and TIFF through libvips, with every other loader of libvips blocked. 8 and 16 bit; palettes and 1 bit
/// are expanded, CMYK is converted to sRGB, EXIF rotation is applied. Anything else is refused by name.
/// </summary>
internal sealed class NetVipsCodec : IImageCodec
{
    private const int MaxWebPSide = 16383, MaxJpegSide = 65500;

    private static readonly Lazy<bool> Started = new(Start);
    private static readonly Log.LogDelegate Logged = static (_, level, message) => // held here: native code keeps only a pointer
    {
        if (level.HasFlag(Enums.LogLevelFlags.Warning)) warning ??= message;
    };

    [ThreadStatic]
    private static string? warning;

    /// <summary>Whether there is a native libvips that works.</summary>
    public static bool IsLoaded => ModuleInitializer.VipsInitialized;

    /// <summary>What to say where there is none.</summary>
    public static DllNotFoundException Missing() =>
        new($"libvips could not be loaded; expected the package NetVips.Native.{RuntimeInformation.RuntimeIdentifier} or an installed libvips; add it with 'dotnet add package NetVips.Native.{RuntimeInformation.RuntimeIdentifier}'", ModuleInitializer.Exception);

    public NetVipsCodec() => _ = Started.Value;

    public ImageInfo Probe(string path, ImageFormat format)
    {
        using var reader = new NetVipsReader(path, format, null);
        return reader.Info;
    }

    public IImageReader Open(string path, ImageFormat format, ReadingOptions options) => new NetVipsReader(path, format, options);

    public IImageWriter Create(string path, Stream stream, ImageInfo info, int? quality)
    {
        var side = Math.Max(info.Width, info.Height);
        if (info.Format == ImageFormat.WebP && side > MaxWebPSide || info.Format == ImageFormat.Jpeg && side > MaxJpegSide)
            throw new ImageException(path, $"{info.Width}×{info.Height} pixels for a {info.Format.Name()} file",
                $"at most {(info.Format == ImageFormat.WebP ? MaxWebPSide : MaxJpegSide)} a side; write PNG or TIFF");
        if (info.Format == ImageFormat.Jpeg && info.HasAlpha)
            throw new ImageException(path, "a picture with alpha for a JPEG file", "PNG, WebP or TIFF, which keep it");
        if (quality is < 1 or > 100)
            throw new ImageException(path, $"quality {quality}", "1 to 100");
        return new NetVipsWriter(path, stream, info, quality);
    }

    /// <summary>The first warning that libvips logs in this thread meanwhile, null where it does not. What a decoder finds in its last rows comes as no exception, but when it is closed.</summary>
    public static string? Warning(Action work)
    {
        warning = null;
        work();
        return warning;
    }

    private static bool Start()
    {
        if (!IsLoaded) throw Missing();
        Log.SetLogHandler("VIPS", Enums.LogLevelFlags.All, Logged); // stderr is not libvips' to write to
        // SVG, PDF and whatever else a full libvips on the search path knows stay out of reach of pictures from strangers.
        Operation.Block("VipsForeignLoad", true);
        foreach (var loader in (ReadOnlySpan<string>)["Png", "Jpeg", "Webp", "Tiff"])
            Operation.Block("VipsForeignLoad" + loader, false);
        Cache.Max = 0; // keyed by file name: a file written anew would be served from before
        return true;
    }
}
