namespace Srcnn.Engine.Imaging;

/// <summary>
/// Y of BT.601 studio range, Y = 16 + (65.481 R + 128.553 G + 24.966 B)/255 for R, G, B in [0, 255].
/// A grey picture is Y itself, as the published figures of Set14's <c>bridge</c> require.
/// </summary>
public static class Luma
{
    /// <summary>Y rounded half up to 8 bit, then divided by 255: what figures of the protocol are computed from. <see cref="YCbCr"/> does not round.</summary>
    public static Plane Rounded(Image image)
    {
        var plane = new Plane(image.Width, image.Height);
        Parallel.For(0, image.Height, row =>
        {
            var samples = image.Row(row);
            var y = plane.Row(row);
            for (int x = 0, s = 0; x < y.Length; x++, s += image.Channels)
                y[x] = (image.Channels <= 2
                    ? Grey8(samples[s], image.MaxSample)
                    : Y8(samples[s], samples[s + 1], samples[s + 2], image.MaxSample)) / 255f;
        });
        return plane;
    }

    // In whole numbers, so that halves round up whatever the order of a floating sum: 1000·max·Y = 16000·max + 65481 R + …
    private static int Y8(int r, int g, int b, int max) =>
        (int)((2 * (16_000L * max + 65_481L * r + 128_553L * g + 24_966L * b) + 1000L * max) / (2000L * max));

    private static int Grey8(int value, int max) => max == 255 ? value : (value * 255 * 2 + max) / (2 * max);
}
