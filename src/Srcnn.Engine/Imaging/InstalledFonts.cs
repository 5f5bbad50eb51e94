using NetVips;

namespace Srcnn.Engine.Imaging;

/// <summary>Writing in the fonts of this machine, which libvips draws by Pango.</summary>
internal static class InstalledFonts
{
    /// <summary>
    /// Black text on white, smoothed as the machine does, cut or filled up to a square of <paramref name="side"/> pixels; null where no libvips loads, or one
    /// without Pango or any font.
    /// </summary>
    /// <param name="font">As Pango names it: "serif bold 12", in points of a pixel.</param>
    public static Image? Write(string text, string font, int side)
    {
        if (!ModuleInitializer.VipsInitialized) return null;
        try
        {
            using var mask = NetVips.Image.Text(text, font: font, dpi: 72);
            var ink = mask.WriteToMemory<byte>();
            var image = new Image(side, side, 3);
            for (var i = 0; i < image.Samples.Length; i++)
            {
                var (y, x) = Math.DivRem(i / 3, side);
                image.Samples[i] = (ushort)(255 - (y < mask.Height && x < mask.Width ? ink[((y * mask.Width) + x) * mask.Bands] : 0));
            }
            return image;
        }
        catch (VipsException)
        {
            return null;
        }
    }
}
