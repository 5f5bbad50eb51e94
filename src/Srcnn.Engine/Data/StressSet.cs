using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Data;

/// <summary>
/// Shapes among the stress pictures to train on, of other seeds than those that models are measured on; patterns, which a network gets right by itself, would
/// cost photographs their texture. Three of eight are shrunk by bicubic like photographs; one is drawn large and shrunk by box, which leaves no ringing; half
/// are pixel-sharp low resolutions whose target repeats their pixels, the one enlargement that adds nothing.
/// </summary>
internal static class StressSet
{
    /// <summary>Side of a low resolution, unless a patch needs more, and how many of each family there are.</summary>
    private const int LowSide = 72, PerFamily = 16;

    private static readonly Kind[] Turns = [Kind.Bicubic, Kind.Sharp, Kind.Bicubic, Kind.Sharp, Kind.Box, Kind.Sharp, Kind.Bicubic, Kind.Sharp];

    private enum Kind
    {
        Bicubic,
        Box,
        Sharp,
    }

    /// <summary>The pictures of a run; none where its <see cref="TrainingConfig.Stress"/> is 0.</summary>
    public static IReadOnlyList<TrainingPicture> Generate(TrainingConfig config)
    {
        if (config.Stress == 0) return [];
        var reads = NetworkCatalog.Parse(config.Network).Input;
        var seed = new SeededRandom(config.Seed).Fork(3).NextUInt64();
        var pictures = new TrainingPicture[PerFamily * StressPictures.ShapeFamilies * config.AllScales.Count];
        Parallel.For(0, pictures.Length, i =>
        {
            var (number, scale) = Math.DivRem(i, config.AllScales.Count);
            pictures[i] = Make(number, config.AllScales[scale], config, reads, seed);
        });
        return pictures;
    }

    private static TrainingPicture Make(int number, int scale, TrainingConfig config, NetworkInput reads, ulong seed)
    {
        var low = Math.Max(LowSide, reads == NetworkInput.LowResolution ? config.Patch : (config.Patch + scale - 1) / scale);
        // By turns within each family.
        var kind = Turns[number / StressPictures.ShapeFamilies % Turns.Length];
        var side = kind == Kind.Sharp ? low : low * scale;
        var drawn = StressPictures.Shape(side, side, seed, number);
        return kind switch
        {
            Kind.Bicubic => TrainingPicture.From(drawn.Name, drawn.Image, scale, config.Channels, reads),
            Kind.Box => TrainingPicture.From(drawn.Name, drawn.Image, scale, config.Channels, reads, ShrunkByBox(drawn.Image, scale)),
            _ => TrainingPicture.From(drawn.Name, Repeated(drawn.Image, scale), scale, config.Channels, reads, drawn.Image),
        };
    }

    private static Image ShrunkByBox(Image image, int scale) => Map(image, image.Width / scale, image.Height / scale, (x, y, c) =>
    {
        var sum = 0;
        for (var i = 0; i < scale * scale; i++) sum += image.Row((y * scale) + (i / scale))[(((x * scale) + (i % scale)) * image.Channels) + c];
        return ((2 * sum) + (scale * scale)) / (2 * scale * scale);
    });

    private static Image Repeated(Image image, int scale) =>
        Map(image, image.Width * scale, image.Height * scale, (x, y, c) => image.Row(y / scale)[(x / scale * image.Channels) + c]);

    private static Image Map(Image image, int width, int height, Func<int, int, int, int> sample)
    {
        var mapped = new Image(width, height, image.Channels, image.BitDepth);
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        for (var c = 0; c < image.Channels; c++)
            mapped.Row(y)[(x * image.Channels) + c] = (ushort)sample(x, y, c);
        return mapped;
    }
}
