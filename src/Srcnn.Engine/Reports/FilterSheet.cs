using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Reports;

/// <summary>The filters of a first layer as a picture, as the paper's Figure 5 shows them: the strongest first, grey is zero.</summary>
internal static class FilterSheet
{
    private const int Zoom = 6, Gap = 3, Grey = 128, Swing = 127;

    /// <summary>One tile per filter, each stretched to its own largest weight; null where the first tensor is no convolution on 1 or 3 channels.</summary>
    public static Image? Create(ModelFile model)
    {
        if (model.Tensors[0] is not { Shape: [var count, var channels and (1 or 3), var height, var width] } weight) return null;
        // The brightest filters say most; the order of the file says nothing.
        var filters = weight.Values.Chunk(channels * height * width).OrderByDescending(Variance).ToList();
        var across = (int)Math.Ceiling(Math.Sqrt(2.0 * count));
        var down = (count + across - 1) / across;
        var (stepX, stepY) = ((width * Zoom) + Gap, (height * Zoom) + Gap);
        var sheet = new Image((across * stepX) - Gap, (down * stepY) - Gap, channels);
        Array.Fill(sheet.Samples, (ushort)255);
        for (var k = 0; k < count; k++)
        {
            var largest = Math.Max(filters[k].Max(MathF.Abs), 1e-12f);
            for (var y = 0; y < height * Zoom; y++)
            {
                var row = sheet.Row((k / across * stepY) + y).Slice(k % across * stepX * channels, width * Zoom * channels);
                for (var x = 0; x < row.Length; x++)
                {
                    var tap = (((x % channels * height) + (y / Zoom)) * width) + (x / channels / Zoom);
                    row[x] = (ushort)MathF.Round(Grey + (Swing * filters[k][tap] / largest));
                }
            }
        }
        return sheet;
    }

    private static double Variance(float[] values)
    {
        var mean = values.Average(v => (double)v);
        return values.Average(v => (v - mean) * (v - mean));
    }
}
