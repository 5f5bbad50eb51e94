namespace Srcnn.Engine.Imaging;

/// <summary>
/// The weights of one axis of MATLAB's imresize(…, 'bicubic'): Keys' kernel with a = −0.5, stretched by 1/scale when
/// shrinking (antialias), every set normalised to sum 1. What lies beyond an edge has changed with MATLAB's versions: see
/// <see cref="Mirror"/> and <see cref="Clamp"/>.
/// </summary>
internal sealed class BicubicWeights
{
    private readonly double[] weights;
    private readonly float[] singles;
    private readonly int[] starts;

    public BicubicWeights(int inLength, int outLength, double scale)
    {
        (InLength, OutLength) = (inLength, outLength);
        var stretch = Math.Min(scale, 1);
        var width = 4 / stretch;
        var candidates = (int)Math.Ceiling(width) + 2;
        var all = new double[(long)outLength * candidates];
        var lefts = new int[outLength];
        var (firstUsed, lastUsed) = (candidates, -1);
        for (var i = 0; i < outLength; i++)
        {
            // MATLAB counts from 1: u is the centre of output i in input coordinates.
            var u = (i + 1) / scale + 0.5 * (1 - 1 / scale);
            var left = Math.Floor(u - width / 2);
            lefts[i] = (int)left - 1;
            var sum = 0.0;
            var set = all.AsSpan(i * candidates, candidates);
            for (var t = 0; t < candidates; t++) sum += set[t] = stretch * Keys(stretch * (u - left - t));
            for (var t = 0; t < candidates; t++)
            {
                if ((set[t] /= sum) == 0) continue;
                firstUsed = Math.Min(firstUsed, t);
                lastUsed = Math.Max(lastUsed, t);
            }
        }
        Taps = lastUsed - firstUsed + 1;
        starts = lefts;
        weights = new double[outLength * Taps];
        for (var i = 0; i < outLength; i++)
        {
            starts[i] += firstUsed;
            all.AsSpan(i * candidates + firstUsed, Taps).CopyTo(weights.AsSpan(i * Taps));
        }
        singles = Array.ConvertAll(weights, w => (float)w);
    }

    public int InLength { get; }
    public int OutLength { get; }

    /// <summary>Input samples that make one output sample.</summary>
    public int Taps { get; }

    /// <summary>Index of the first input sample of output <paramref name="i"/>; may lie outside the input.</summary>
    public int Start(int i) => starts[i];

    public ReadOnlySpan<double> Doubles(int i) => weights.AsSpan(i * Taps, Taps);

    public ReadOnlySpan<float> Singles(int i) => singles.AsSpan(i * Taps, Taps);

    /// <summary>The sample that stands for <paramref name="index"/> where the input goes on as its mirror image, as the papers' figures have it.</summary>
    public int Mirror(int index)
    {
        var place = (int)((uint)(index % (2 * InLength) + (2 * InLength)) % (uint)(2 * InLength));
        return Math.Min(place, (2 * InLength) - 1 - place);
    }

    /// <summary>The sample that stands for <paramref name="index"/> where the input goes on as its last sample, as the public 8-bit low-resolution sets have it.</summary>
    public int Clamp(int index) => Math.Clamp(index, 0, InLength - 1);

    private static double Keys(double x)
    {
        x = Math.Abs(x);
        return x <= 1 ? (1.5 * x - 2.5) * x * x + 1
            : x <= 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2
            : 0;
    }
}
