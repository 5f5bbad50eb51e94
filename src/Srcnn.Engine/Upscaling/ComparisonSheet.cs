using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// The same picture enlarged three ways side by side: nearest pixel, bicubic, and the model. Below each, magnified, the part where the
/// model differs most from bicubic.
/// </summary>
public static class ComparisonSheet
{
    private const int Panels = 3, Gap = 8, MostZoom = 4;

    /// <summary>Samples of the sheet of such an enlarged picture.</summary>
    public static long Samples(ImageInfo enlarged) => SheetWidth(enlarged.Width) * SheetHeight(enlarged.Width, enlarged.Height) * enlarged.Channels;

    /// <param name="input">The small picture.</param>
    /// <param name="enlarged">What the model made of it.</param>
    /// <param name="scale">The factor between them.</param>
    public static Image Create(Image input, Image enlarged, int scale)
    {
        var (width, height) = (enlarged.Width, enlarged.Height);
        using var upscaler = Upscaler.Bicubic(scale);
        var bicubic = upscaler.Upscale(input);
        var sheet = new Image((int)SheetWidth(width), (int)SheetHeight(width, height), enlarged.Channels, enlarged.BitDepth) { Metadata = input.Metadata };
        sheet.Samples.AsSpan().Fill((ushort)sheet.MaxSample);
        var detail = Detail.Difference(enlarged, bicubic, DetailSide(width));
        Image[] panels = [Nearest(input, scale), bicubic, enlarged];
        for (var p = 0; p < panels.Length; p++)
        {
            Put(panels[p], sheet, p * (width + Gap), 0);
            Put(Nearest(panels[p].Cut(detail.X, detail.Y, detail.Width, detail.Height), Zoom(width)), sheet, p * (width + Gap), height + Gap);
        }
        return sheet;
    }

    /// <summary>A panel may be narrower than the usual magnification.</summary>
    private static int Zoom(int width) => Math.Min(MostZoom, width);

    /// <summary>Pixels of the detail, which fills a panel's width when magnified.</summary>
    private static int DetailSide(int width) => width / Zoom(width);

    private static long SheetWidth(int width) => (Panels * (long)width) + ((Panels - 1) * Gap);

    private static long SheetHeight(int width, int height) => height + Gap + (Zoom(width) * Math.Min((long)DetailSide(width), height));

    private static void Put(Image part, Image sheet, int x, int y)
    {
        for (var row = 0; row < part.Height; row++) part.Row(row).CopyTo(sheet.Row(y + row)[(x * sheet.Channels)..]);
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
