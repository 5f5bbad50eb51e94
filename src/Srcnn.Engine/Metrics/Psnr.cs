using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Metrics;

/// <summary>Peak signal-to-noise ratio on 8-bit values, in dB: 10·log₁₀(255² / mean squared error).</summary>
public static class Psnr
{
    /// <summary>Both planes times 255, clipped and rounded half up, without a border of <paramref name="shave"/> pixels. Equal pictures give +∞.</summary>
    public static double Compute(Plane actual, Plane expected, int shave = 0)
    {
        Shaved.Check(actual, expected, shave, 1);
        return Compute(actual.ToBytes(), expected.ToBytes(), actual.Width, actual.Height, shave);
    }

    /// <summary>The same on values that are 8-bit already.</summary>
    public static double Compute(ReadOnlySpan<byte> actual, ReadOnlySpan<byte> expected, int width, int height, int shave = 0)
    {
        Shaved.Check(actual.Length, expected.Length, width, height, shave, 1);
        var squares = 0L; // whole numbers: exact in any order
        for (var y = shave; y < height - shave; y++)
        {
            var a = actual.Slice(y * width + shave, width - 2 * shave);
            var e = expected.Slice(y * width + shave, width - 2 * shave);
            for (var x = 0; x < a.Length; x++)
            {
                var difference = a[x] - e[x];
                squares += difference * difference;
            }
        }
        var mean = squares / ((double)(width - 2 * shave) * (height - 2 * shave));
        return squares == 0 ? double.PositiveInfinity : 10 * Math.Log10(255 * 255 / mean);
    }
}
