namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Colours that nobody sees: under transparent pixels files hold black, white or leftovers, which any filter would drag into the visible
/// edge as a fringe. They are replaced by what stands around them, in proportion to how little they show. Rows come in strips of
/// squares; a square that shows nothing takes from the squares around it, so colours reach farther than any network looks.
/// </summary>
/// <param name="count">Planes of colour.</param>
internal sealed class HiddenColors(int count, int width, int height)
{
    /// <summary>Side of a square, 2^Levels pixels.</summary>
    private const int Levels = 6, Side = 1 << Levels;

    /// <summary>Pixels at least this opaque keep their colour exactly.</summary>
    private const float Visible = 0.25f;

    /// <summary>Weight of what is hidden: nothing beside anything visible, but enough for an average where there is nothing else.</summary>
    private const float Hidden = 1e-9f;

    private readonly RowWindow[] planes = RowWindow.Of(count + 1, width);

    // Per strip, of every square: the sum of weights, then the weighted sum of each colour.
    private readonly List<float[][]> strips = [];

    private int done;

    private RowWindow Alpha => planes[count];

    /// <summary>Takes the next rows, colours and then alpha, and gives those whose hidden colours could be replaced by now; a strip waits for the one below it.</summary>
    public void Pass(RowPlanes rows)
    {
        var given = done;
        for (var p = 0; p < planes.Length; p++)
        {
            planes[p].Extend(rows.Rows, given);
            rows.Plane(p).Span.CopyTo(planes[p].Row(planes[p].End - rows.Rows, rows.Rows));
        }
        Fill();
        rows.Resize(done - given);
        for (var p = 0; p < planes.Length; p++) planes[p].Row(given, rows.Rows).CopyTo(rows.Plane(p).Span);
    }

    private void Fill()
    {
        while (strips.Count * Side < height && Alpha.End >= Bottom(strips.Count)) strips.Add(Measure(strips.Count));
        while (done < height && (strips.Count > (done / Side) + 1 || strips.Count * Side >= height))
        {
            var strip = done / Side;
            var weights = Weights(strip);
            for (var color = 0; color < count && weights.Any(w => w < 1); color++) Fill(strip, color, weights);
            if (strip > 0) strips[strip - 1] = [];
            done = Bottom(strip);
        }
    }

    private int Bottom(int strip) => Math.Min(height, (strip + 1) * Side);

    private float[] Weights(int strip)
    {
        var weights = new float[(Bottom(strip) - (strip * Side)) * width];
        for (var i = 0; i < weights.Length; i++) weights[i] = Math.Clamp(Alpha.Row((strip * Side) + (i / width))[i % width] / Visible, Hidden, 1);
        return weights;
    }

    private float[][] Measure(int strip)
    {
        var squares = (width + Side - 1) / Side;
        float[][] sums = [.. Enumerable.Range(0, 1 + count).Select(_ => new float[squares])];
        var weights = Weights(strip);
        for (var i = 0; i < weights.Length; i++)
        {
            var (y, x) = ((strip * Side) + (i / width), i % width);
            sums[0][x / Side] += weights[i];
            for (var c = 0; c < count; c++) sums[c + 1][x / Side] += weights[i] * planes[c].Row(y)[x];
        }
        return sums;
    }

    private void Fill(int strip, int color, float[] weights)
    {
        int top = strip * Side, rows = Bottom(strip) - top;
        var values = new float[weights.Length];
        for (var y = 0; y < rows; y++) planes[color].Row(top + y).CopyTo(values.AsSpan(y * width));
        var filled = Fill(values, weights, width, rows, Levels, Around(strip, color));
        for (var y = 0; y < rows; y++) filled.AsSpan(y * width, width).CopyTo(planes[color].Row(top + y));
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
