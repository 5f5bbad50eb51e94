using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Onnx;

/// <summary>What stands around a network where pictures of 8-bit RGB are enlarged: colours to luma and chroma and back, bicubic, rounding.</summary>
internal static class OnnxPicture
{
    public const int Colors = 3;

    private const int ChannelAxis = 1, RowAxis = 2, ColumnAxis = 3;

    private const long End = int.MaxValue;

    /// <summary>Writes it and returns the name of the 8-bit output.</summary>
    /// <param name="network">Writes the network behind a value of its channels.</param>
    public static string Write(OnnxGraph graph, NetworkConfig config, int scale, Func<string, string> network)
    {
        var samples = graph.FromBytes(OnnxExport.InputName);
        var isBicubic = config.Input == NetworkInput.Bicubic;
        if (config.Channels == Colors)
        {
            var unit = graph.Add("Mul", [samples, graph.Constant([1f / byte.MaxValue])]);
            var colors = network(isBicubic ? Enlarge(graph, unit, scale) : unit);
            return graph.ToBytes(graph.Add("Mul", [colors, graph.Constant([(float)byte.MaxValue])]));
        }
        var planes = ToLumaAndChroma(graph, samples);
        if (isBicubic) planes = Enlarge(graph, planes, scale);
        var (luma, chroma) = (graph.Slice(planes, ChannelAxis, 0, 1), graph.Slice(planes, ChannelAxis, 1, Colors));
        if (!isBicubic) chroma = Enlarge(graph, chroma, scale);
        return graph.ToBytes(ToRgb(graph, graph.Add("Concat", [network(luma), chroma], ("axis", ChannelAxis))));
    }

    private static string ToLumaAndChroma(OnnxGraph graph, string samples)
    {
        const float Unit = byte.MaxValue * byte.MaxValue; // the matrix is of colours in [0, 1] and in units of a sample
        float[] weights = [.. YCbCr.Matrix.Cast<double>().Select(weight => (float)weight / Unit)];
        return Mix(graph, samples, weights, [16f / byte.MaxValue, 128f / byte.MaxValue, 128f / byte.MaxValue]);
    }

    private static string ToRgb(OnnxGraph graph, string planes) => Mix(
        graph, planes,
        [.. YCbCr.InverseSingles.SelectMany(row => new[] { row.Y, row.Cb, row.Cr }).Select(weight => weight * byte.MaxValue)],
        [.. YCbCr.InverseSingles.Select(row => row.One * byte.MaxValue)]);

    private static string Mix(OnnxGraph graph, string planes, float[] weights, float[] bias) =>
        graph.Add("Conv", [planes, graph.Constant(weights, Colors, Colors, 1, 1), graph.Constant(bias, Colors)]);

    /// <summary>MATLAB's bicubic: beyond its borders a picture goes on as its mirror image, which the operator does not know.</summary>
    private static string Enlarge(OnnxGraph graph, string planes, int scale)
    {
        const int Reach = 2;
        foreach (var axis in (int[])[RowAxis, ColumnAxis])
        {
            // The first pixels backwards, the picture, the last pixels backwards.
            var before = graph.Slice(planes, axis, Reach - 1, -End, -1);
            var after = graph.Slice(planes, axis, -1, -Reach - 1, -1);
            planes = graph.Add("Concat", [before, planes, after], ("axis", axis));
        }
        var large = graph.Add(
            "Resize", [planes, "", graph.Constant([1f, 1f, scale, scale], 4)],
            ("mode", "cubic"), ("cubic_coeff_a", -0.5f), ("coordinate_transformation_mode", "half_pixel"));
        foreach (var axis in (int[])[RowAxis, ColumnAxis]) large = graph.Slice(large, axis, Reach * scale, -Reach * scale);
        return large;
    }
}
