namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Colours that nobody sees: under transparent pixels files hold black, white or leftovers, which any filter would drag into the visible
/// edge as a fringe. They are replaced by what stands around them, in proportion to how little they show. Rows come in strips of
/// squares; a square that shows nothing takes from the squares around it, so colours reach farther than any network looks.
/// </summary>
internal sealed class HiddenColors(IReadOnlyList<RowWindow> colors, RowWindow alpha, int width, int height)
{
    /// <summary>Side of a square, 2^Levels pixels.</summary>
    private const int Levels = 6, Side = 1 << Levels;

    /// <summary>Pixels at least this opaque keep their colour exactly.</summary>
    private const float Visible = 0.25f;

    /// <summary>Weight of what is hidden: nothing beside anything visible, but enough for an average where there is nothing else.</summary>
    private const float Hidden = 1e-9f;

    // Per strip, of every square: the sum of weights, then the weighted sum of each colour.
    private readonly List<float[][]> strips = [];

    /// <summary>Rows that are done.</summary>
    public int End { get; private set; }

    /// <summary>Replaces what is hidden in the rows that can be done; a strip waits for the one below it.</summary>
    public void Fill()
    {
        while (strips.Count * Side < height && alpha.End >= Bottom(strips.Count)) strips.Add(Measure(strips.Count));
        while (End < height && (strips.Count > (End / Side) + 1 || strips.Count * Side >= height))
        {
            var strip = End / Side;
            var weights = Weights(strip);
            if (weights.Any(w => w < 1)) Parallel.For(0, colors.Count, color => Fill(strip, color, weights));
            if (strip > 0) strips[strip - 1] = [];
            End = Bottom(strip);
        }
    }

    private int Bottom(int strip) => Math.Min(height, (strip + 1) * Side);

    private float[] Weights(int strip)
    {
        var weights = new float[(Bottom(strip) - (strip * Side)) * width];
        for (var i = 0; i < weights.Length; i++) weights[i] = Math.Clamp(alpha.Row((strip * Side) + (i / width))[i % width] / Visible, Hidden, 1);
        return weights;
    }

    private float[][] Measure(int strip)
    {
        var squares = (width + Side - 1) / Side;
        float[][] sums = [.. Enumerable.Range(0, 1 + colors.Count).Select(_ => new float[squares])];
        var weights = Weights(strip);
        for (var i = 0; i < weights.Length; i++)
        {
            var (y, x) = ((strip * Side) + (i / width), i % width);
            sums[0][x / Side] += weights[i];
            for (var c = 0; c < colors.Count; c++) sums[c + 1][x / Side] += weights[i] * colors[c].Row(y)[x];
        }
        return sums;
    }

    private void Fill(int strip, int color, float[] weights)
    {
        int top = strip * Side, rows = Bottom(strip) - top;
        var values = new float[weights.Length];
        for (var y = 0; y < rows; y++) colors[color].Row(top + y).CopyTo(values.AsSpan(y * width));
        var filled = Fill(values, weights, width, rows, Levels, Around(strip, color));
        for (var y = 0; y < rows; y++) filled.AsSpan(y * width, width).CopyTo(colors[color].Row(top + y));
    }

    /// <summary>For every square of a strip the average of the three by three squares around it.</summary>
    private float[] Around(int strip, int color)
    {
        var averages = new float[(width + Side - 1) / Side];
        for (var x = 0; x < averages.Length; x++)
        {
            float total = 0, sum = 0;
            for (var s = Math.Max(0, strip - 1); s <= Math.Min(strip + 1, strips.Count - 1); s++)
            for (var i = Math.Max(0, x - 1); i <= Math.Min(x + 1, averages.Length - 1); i++)
            {
                total += strips[s][0][i];
                sum += strips[s][color + 1][i];
            }
            averages[x] = sum / total;
        }
        return averages;
    }

    // Averages of ever larger squares, weighted by visibility; then back, each pixel taking what it lacks from its square.
    private static float[] Fill(float[] values, float[] weights, int width, int height, int levels, float[] around)
    {
        var filled = new float[values.Length];
        if (levels == 0)
        {
            for (var i = 0; i < filled.Length; i++) filled[i] = (weights[i] * values[i]) + ((1 - weights[i]) * around[i]);
            return filled;
        }
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
            sums[i] /= totals[i];
            totals[i] = Math.Min(totals[i], 1);
        }
        var coarse = Fill(sums, totals, halfWidth, halfHeight, levels - 1, around);
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        {
            var i = (y * width) + x;
            filled[i] = (weights[i] * values[i]) + ((1 - weights[i]) * coarse[(y / 2 * halfWidth) + (x / 2)]);
        }
        return filled;
    }
}
