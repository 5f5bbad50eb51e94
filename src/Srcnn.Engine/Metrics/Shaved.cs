using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Metrics;

/// <summary>What both metrics ask of their pictures.</summary>
internal static class Shaved
{
    public static void Check(Plane actual, Plane expected, int shave, int least)
    {
        if ((actual.Width, actual.Height) != (expected.Width, expected.Height))
            throw new ArgumentException(
                $"a picture of {actual.Width}×{actual.Height} pixels cannot be scored against one of {expected.Width}×{expected.Height}",
                nameof(actual));
        Check(actual.Values.Length, expected.Values.Length, actual.Width, actual.Height, shave, least);
    }

    /// <param name="least">Pixels per side that must be left after shaving.</param>
    public static void Check(int actual, int expected, int width, int height, int shave, int least)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(shave);
        if (actual != (long)width * height || expected != (long)width * height)
            throw new ArgumentException($"{actual} and {expected} values for two pictures of {width}×{height}", nameof(actual));
        if (Math.Min(width, height) - 2 * shave < least)
            throw new ArgumentException(
                $"a picture of {width}×{height} pixels without a border of {shave} is smaller than {least}×{least}", nameof(shave));
    }
}
