namespace Srcnn.Engine.Imaging;

/// <summary>Finds the part of a picture that is worth a look.</summary>
internal static class Detail
{
    /// <summary>
    /// Where <paramref name="enlarged"/> differs most from <paramref name="bicubic"/>, which has its size: luma is compared, and a
    /// difference that is the same everywhere does not count.
    /// </summary>
    public static (int X, int Y, int Width, int Height) Difference(Image enlarged, Image bicubic, int side)
    {
        Plane difference = Luma.Rounded(enlarged), other = Luma.Rounded(bicubic);
        for (var i = 0; i < difference.Values.Length; i++) difference.Values[i] -= other.Values[i];
        return Strongest(difference, side);
    }

    /// <summary>The square with the most variance, on a grid of half its side; cut where the plane is smaller.</summary>
    public static (int X, int Y, int Width, int Height) Strongest(Plane plane, int side)
    {
        var (width, height) = (Math.Min(side, plane.Width), Math.Min(side, plane.Height));
        var (best, corner) = (-1.0, (0, 0));
        for (var y = 0; y + height <= plane.Height; y += Math.Max(1, side / 2))
        for (var x = 0; x + width <= plane.Width; x += Math.Max(1, side / 2))
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
            var variance = squares - (sum * sum / ((double)width * height));
            if (variance > best) (best, corner) = (variance, (x, y));
        }
        return (corner.Item1, corner.Item2, width, height);
    }
}
