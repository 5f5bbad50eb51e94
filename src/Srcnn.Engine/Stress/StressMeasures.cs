using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Stress;

/// <summary>Measures of an enlargement that need no original.</summary>
public static class StressMeasures
{
    /// <summary>Pixels around one, each way, that its enlargement may take its range from, and those whose contrast a halo is measured by.</summary>
    private const int RangeReach = 2, HaloReach = 6;

    /// <summary>Luma of black and white.</summary>
    private const byte Black = 16, White = 235;

    /// <summary>A neighbourhood counts as having at least this contrast, in 8-bit levels: in flat areas rounding is no overshoot.</summary>
    private const double LeastContrast = 8;

    /// <summary>The share of samples that may lie beyond what <see cref="Overshoot"/> tells.</summary>
    private const double Outliers = 0.001;

    /// <summary>Mean absolute difference in levels between <paramref name="input"/> and the means of the blocks its pixels became, over all channels.</summary>
    /// <exception cref="ArgumentException">The sizes do not fit the scale.</exception>
    public static double ShrinkBackError(Image enlarged, Image input, int scale)
    {
        Check((enlarged.Width, enlarged.Height, enlarged.Channels), (input.Width, input.Height, input.Channels), scale);
        var (channels, area, sum) = (input.Channels, scale * scale, 0L);
        for (var y = 0; y < input.Height; y++)
        for (var x = 0; x < input.Width; x++)
        for (var c = 0; c < channels; c++)
        {
            var block = 0;
            for (var i = 0; i < area; i++) block += enlarged.Row((y * scale) + (i / scale))[(((x * scale) + (i % scale)) * channels) + c];
            sum += Math.Abs(block - (area * input.Row(y)[(x * channels) + c]));
        }
        return sum / ((double)area * input.Samples.Length);
    }

    /// <summary>
    /// How far luma leaves the range of the 5×5 input pixels around its own, as a share of the contrast within 13×13: the 99.9th percentile over all pixels.
    /// The wider neighbourhood holds the edge that a halo comes from. On luma as the network makes it, in 8-bit levels cut to the studio range that RGB can show:
    /// in a picture's channels the ringing of colours, which go by bicubic, would count too.
    /// </summary>
    /// <exception cref="ArgumentException">The sizes do not fit the scale.</exception>
    public static double Overshoot(Plane enlarged, Plane input, int scale)
    {
        Check((enlarged.Width, enlarged.Height, 1), (input.Width, input.Height, 1), scale);
        byte[] large = Levels(enlarged), small = Levels(input);
        var shares = new double[large.Length];
        var at = 0;
        for (var y = 0; y < input.Height; y++)
        for (var x = 0; x < input.Width; x++)
        {
            var ((least, most), (darkest, brightest)) = (Range(x, y, RangeReach), Range(x, y, HaloReach));
            for (var i = 0; i < scale * scale; i++)
            {
                var value = large[(((y * scale) + (i / scale)) * enlarged.Width) + (x * scale) + (i % scale)];
                shares[at++] = Math.Max(0, Math.Max(value - most, least - value)) / Math.Max(brightest - darkest, LeastContrast);
            }
        }
        Array.Sort(shares);
        return shares[Math.Min(shares.Length - 1, (int)Math.Ceiling((1 - Outliers) * shares.Length) - 1)];

        (int Least, int Most) Range(int x, int y, int reach)
        {
            int least = int.MaxValue, most = 0;
            for (var v = Math.Max(0, y - reach); v <= Math.Min(input.Height - 1, y + reach); v++)
            for (var u = Math.Max(0, x - reach); u <= Math.Min(input.Width - 1, x + reach); u++)
                (least, most) = (Math.Min(least, small[(v * input.Width) + u]), Math.Max(most, small[(v * input.Width) + u]));
            return (least, most);
        }
    }

    private static byte[] Levels(Plane luma) => Array.ConvertAll(luma.ToBytes(), v => Math.Clamp(v, Black, White));

    private static void Check((int Width, int Height, int Channels) enlarged, (int Width, int Height, int Channels) input, int scale)
    {
        if (enlarged != (input.Width * scale, input.Height * scale, input.Channels))
            throw new ArgumentException($"{enlarged.Width}×{enlarged.Height} pixels of {enlarged.Channels} channels are no {input.Width}×{input.Height} of {input.Channels} enlarged {scale} times");
    }
}
