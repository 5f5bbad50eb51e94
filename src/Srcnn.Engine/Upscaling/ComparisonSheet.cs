using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>The same picture enlarged three ways side by side: nearest pixel, bicubic, and the model.</summary>
public static class ComparisonSheet
{
    private const int Panels = 3, Gap = 8;

    /// <summary>Samples of the sheet of such an enlarged picture.</summary>
    public static long Samples(ImageInfo enlarged) => ((Panels * (long)enlarged.Width) + ((Panels - 1) * Gap)) * enlarged.Height * enlarged.Channels;

    /// <param name="input">The small picture.</param>
    /// <param name="enlarged">What the model made of it.</param>
    /// <param name="scale">The factor between them.</param>
    public static Image Create(Image input, Image enlarged, int scale)
    {
        Image[] panels = [Nearest(input, scale), new BicubicUpscaler(scale).Upscale(input), enlarged];
        var sheet = new Image(checked((panels.Length * enlarged.Width) + ((panels.Length - 1) * Gap)), enlarged.Height, enlarged.Channels, enlarged.BitDepth) { Metadata = input.Metadata };
        sheet.Samples.AsSpan().Fill((ushort)sheet.MaxSample);
        for (var p = 0; p < panels.Length; p++)
        for (var y = 0; y < sheet.Height; y++)
            panels[p].Row(y).CopyTo(sheet.Row(y)[(p * (enlarged.Width + Gap) * sheet.Channels)..]);
        return sheet;
    }

    /// <summary>Every pixel repeated <paramref name="scale"/> times both ways: what a picture looks like that nobody enlarged.</summary>
    public static Image Nearest(Image input, int scale)
    {
        var output = new Image(checked(input.Width * scale), checked(input.Height * scale), input.Channels, input.BitDepth) { Metadata = input.Metadata };
        for (var y = 0; y < output.Height; y++)
        for (var x = 0; x < output.Width; x++)
            input.Row(y / scale).Slice(x / scale * input.Channels, input.Channels).CopyTo(output.Row(y)[(x * input.Channels)..]);
        return output;
    }
}
