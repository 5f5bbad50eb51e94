namespace Srcnn.Engine.Imaging;

/// <summary>MATLAB's imresize with bicubic kernel and antialiasing, on whole pictures. All cores; results do not depend on their number.</summary>
public static class Bicubic
{
    private const int BlockRows = 16;

    /// <summary>Resizes by <paramref name="scale"/> to ⌈size·scale⌉, as imresize(plane, scale).</summary>
    public static Plane Resize(Plane plane, double scale)
    {
        var (width, height) = (Scaled(plane.Width, scale), Scaled(plane.Height, scale));
        return Resize(plane, new BicubicResizer(plane.Width, plane.Height, width, height, scale, scale));
    }

    /// <summary>Resizes to a size, as imresize(plane, [height width]); values are not clipped.</summary>
    public static Plane Resize(Plane plane, int width, int height) =>
        Resize(plane, new BicubicResizer(plane.Width, plane.Height, width, height));

    /// <summary>Resizes a picture of 8 or 16 bit to a size, alpha included, rounding after each pass as MATLAB does on integers.</summary>
    public static Image Resize(Image image, int width, int height)
    {
        var resizer = new BicubicResizer(image.Width, image.Height, width, height);
        var output = new Image(width, height, image.Channels, image.BitDepth) { Metadata = image.Metadata };
        Parallel.For(0, height, () => new double[image.Width * image.Channels], (y, _, combined) =>
        {
            resizer.ResizeRow(row => image.Row(row), y, image.MaxSample, combined, output.Row(y));
            return combined;
        }, static _ => { });
        return output;
    }

    private static Plane Resize(Plane plane, BicubicResizer resizer)
    {
        var output = new Plane(resizer.OutWidth, resizer.OutHeight);
        var blocks = (output.Height + BlockRows - 1) / BlockRows;
        Parallel.For(0, blocks, block =>
        {
            var first = block * BlockRows;
            var count = Math.Min(BlockRows, output.Height - first);
            resizer.ResizeRows(plane.Values, 0, first, count, output.Values.AsSpan(first * output.Width, count * output.Width));
        });
        return output;
    }

    private static int Scaled(int length, double scale) => Math.Max(1, (int)Math.Ceiling(length * scale));
}
