namespace Srcnn.Engine.Evaluation;

/// <summary>What the papers reached on Set5, mean PSNR in dB by protocol y, to hold a training against.</summary>
public static class PublishedFigures
{
    private static readonly Dictionary<(string Network, int Scale), double> Set5 = new()
    {
        [("bicubic", 2)] = 33.66, [("bicubic", 3)] = 30.39, [("bicubic", 4)] = 28.42,
        [("srcnn-9-1-5", 2)] = 36.34, [("srcnn-9-1-5", 3)] = 32.39, [("srcnn-9-1-5", 4)] = 30.08,
        [("srcnn-9-3-5", 3)] = 32.65,
        [("srcnn-9-5-5", 2)] = 36.66, [("srcnn-9-5-5", 3)] = 32.75, [("srcnn-9-5-5", 4)] = 30.48,
        [("fsrcnn", 2)] = 37.00, [("fsrcnn", 3)] = 33.16, [("fsrcnn", 4)] = 30.70,
        [("fsrcnn-s", 2)] = 36.57, [("fsrcnn-s", 3)] = 32.60, [("fsrcnn-s", 4)] = 30.11,
        [("vdsr", 2)] = 37.53, [("vdsr", 3)] = 33.66, [("vdsr", 4)] = 31.35,
    };

    /// <summary>By how many dB the paper's network beats bicubic; null where nothing was published.</summary>
    public static double? Gain(string network, int scale) => Set5.TryGetValue((network, scale), out var psnr) ? psnr - Set5[("bicubic", scale)] : null;
}
