namespace Srcnn.Engine.Imaging;

/// <summary>Finds the part of a picture that is worth a look.</summary>
internal static class Detail
{
    /// <summary>
    /// Where pictures differ most from <paramref name="bicubic"/>, which has their size: luma is compared, and a difference that is the
    /// same everywhere does not count.
    /// </summary>
    public static (int X, int Y, int Width, int Height) Difference(IEnumerable<Image> pictures, Image bicubic, int side)
    {
        var other = Luma.Rounded(bicubic);
        return Strongest([.. pictures.Select(picture =>
        {
            var difference = Luma.Rounded(picture);
            for (var i = 0; i < difference.Values.Length; i++) difference.Values[i] -= other.Values[i];
            return difference;
        })], side);
    }

    /// <summary>The square with the most variance in all planes together, on a grid of half its side; cut where they are smaller.</summary>
    public static (int X, int Y, int Width, int Height) Strongest(IReadOnlyList<Plane> planes, int side)
    {
        var (width, height) = (Math.Min(side, planes[0].Width), Math.Min(side, planes[0].Height));
        var (best, corner) = (-1.0, (X: 0, Y: 0));
        for (var y = 0; y + height <= planes[0].Height; y += Math.Max(1, side / 2))
        for (var x = 0; x + width <= planes[0].Width; x += Math.Max(1, side / 2))
        {
            var variance = planes.Sum(plane => Variance(plane, x, y, width, height));
            if (variance > best) (best, corner) = (variance, (x, y));
        }
        return (corner.X, corner.Y, width, height);
    }

    /// <summary>Times the number of values.</summary>
    private static double Variance(Plane plane, int x, int y, int width, int height)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var row = y; row < y + height; row++)
        {
            foreach (var value in plane.Row(row).Slice(x, width))
            {
                sum += value;
                squares += (double)value * value;
            }
        }
        return squares - (sum * sum / ((double)width * height));
    }
}
