using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Colours that nobody sees: under transparent pixels files hold black, white or leftovers, which any filter would drag into the visible
/// edge as a fringe. They are replaced by what stands around them, in proportion to how little they show.
/// </summary>
internal static class HiddenColors
{
    /// <summary>Pixels at least this opaque keep their colour exactly.</summary>
    private const float Visible = 0.25f;

    /// <summary>The plane with hidden values replaced; the same plane if nothing is hidden.</summary>
    public static Plane Fill(Plane plane, Plane alpha)
    {
        var weights = Array.ConvertAll(alpha.Values, a => Math.Min(a / Visible, 1));
        // Nothing shows anywhere, or everything does: there is nothing to spread, or no need.
        if (weights.All(w => w >= 1) || weights.All(w => w <= 0)) return plane;
        return new Plane(plane.Width, plane.Height, Fill(plane.Values, weights, plane.Width, plane.Height));
    }

    // Averages of ever larger squares, weighted by visibility, until none is empty; then back, each pixel taking what it lacks from its square.
    private static float[] Fill(float[] values, float[] weights, int width, int height)
    {
        if (width * height == 1 || weights.All(w => w >= 1)) return values;
        int halfWidth = (width + 1) / 2, halfHeight = (height + 1) / 2;
        var sums = new float[halfWidth * halfHeight];
        var totals = new float[halfWidth * halfHeight];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var (from, to) = ((y * width) + x, (y / 2 * halfWidth) + (x / 2));
            sums[to] += weights[from] * values[from];
            totals[to] += weights[from];
        }
        for (var i = 0; i < sums.Length; i++)
        {
            if (totals[i] > 0) sums[i] /= totals[i];
            totals[i] = Math.Min(totals[i], 1);
        }
        var coarse = Fill(sums, totals, halfWidth, halfHeight);
        var filled = new float[values.Length];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var i = (y * width) + x;
            filled[i] = (weights[i] * values[i]) + ((1 - weights[i]) * coarse[(y / 2 * halfWidth) + (x / 2)]);
        }
        return filled;
    }
}
