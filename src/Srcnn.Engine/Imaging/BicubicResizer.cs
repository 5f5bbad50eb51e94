using System.Runtime.Intrinsics;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// MATLAB's bicubic between two fixed sizes, any range of output rows at a time, so that a picture can be streamed.
/// Weights are computed once, in double. Columns are combined first, rows second: MATLAB's order where both scales are
/// equal. Rows do not depend on how they are grouped. Instances may be shared among threads.
/// </summary>
internal sealed class BicubicResizer
{
    private readonly BicubicWeights vertical, horizontal;
    private readonly BicubicStairs? stairs;

    [ThreadStatic]
    private static float[]? scratch;

    /// <summary>Each axis is scaled by output over input size.</summary>
    public BicubicResizer(int inWidth, int inHeight, int outWidth, int outHeight)
        : this(inWidth, inHeight, outWidth, outHeight, (double)outWidth / inWidth, (double)outHeight / inHeight) { }

    /// <summary>Scales given apart, for sizes rounded from size·scale.</summary>
    public BicubicResizer(int inWidth, int inHeight, int outWidth, int outHeight, double scaleX, double scaleY)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(inWidth, inHeight), 1, nameof(inWidth));
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(outWidth, outHeight), 1, nameof(outWidth));
        if (!(Math.Min(scaleX, scaleY) > 0)) throw new ArgumentOutOfRangeException(nameof(scaleX), $"scales {scaleX} and {scaleY}; expected positive ones");
        vertical = new BicubicWeights(inHeight, outHeight, scaleY);
        horizontal = new BicubicWeights(inWidth, outWidth, scaleX);
        stairs = BicubicStairs.Of(horizontal);
    }

    public int InWidth => horizontal.InLength;
    public int InHeight => vertical.InLength;
    public int OutWidth => horizontal.OutLength;
    public int OutHeight => vertical.OutLength;

    /// <summary>The input rows that output rows [firstOutput, firstOutput + count) are made of.</summary>
    public (int First, int Count) InputRows(int firstOutput, int count)
    {
        var (start, end) = (vertical.Start(firstOutput), vertical.Start(firstOutput + count - 1) + vertical.Taps);
        // Rows beyond an edge are mirrored into the rows before it.
        var first = Math.Max(0, Math.Min(start, (2 * InHeight) - end));
        var last = Math.Min(InHeight, Math.Max(end, -start));
        return (first, last - first);
    }

    /// <summary>The first input row that output rows from <paramref name="output"/> on are made of; where there are none, those of the last.</summary>
    public int FirstInput(int output) => InputRows(Math.Min(output, OutHeight - 1), 1).First;

    /// <summary>The number of output rows, counted from the top, that the first <paramref name="inputRows"/> rows of the input suffice for.</summary>
    public int OutputRows(int inputRows)
    {
        if (inputRows == InHeight) return OutHeight;
        var (least, most) = (0, OutHeight);
        while (least < most)
        {
            var middle = (least + most) / 2;
            if (vertical.Start(middle) + vertical.Taps <= inputRows) least = middle + 1;
            else most = middle;
        }
        return least;
    }

    /// <summary>Computes output rows [firstOutput, firstOutput + count).</summary>
    /// <param name="input">Input rows from <paramref name="firstInput"/> on, at least those of <see cref="InputRows"/>.</param>
    /// <param name="output">[count, OutWidth]; overwritten.</param>
    public void ResizeRows(ReadOnlySpan<float> input, int firstInput, int firstOutput, int count, Span<float> output)
    {
        if (!(scratch?.Length >= InWidth)) scratch = new float[InWidth];
        var combined = scratch.AsSpan(0, InWidth);
        for (var i = 0; i < count; i++)
        {
            CombineRows(input, firstInput, firstOutput + i, combined);
            CombineColumns(combined, output.Slice(i * OutWidth, OutWidth));
        }
    }

    private void CombineRows(ReadOnlySpan<float> input, int firstInput, int row, Span<float> combined)
    {
        var weights = vertical.Singles(row);
        combined.Clear();
        for (var t = 0; t < weights.Length; t++)
        {
            if (weights[t] == 0) continue;
            AddScaled(weights[t], input.Slice((vertical.Mirror(vertical.Start(row) + t) - firstInput) * InWidth, InWidth), combined);
        }
    }

    private void CombineColumns(ReadOnlySpan<float> row, Span<float> output)
    {
        if (stairs is null)
        {
            CombineOneByOne(row, 0, output.Length, output);
            return;
        }
        stairs.Combine(row, output);
        CombineOneByOne(row, 0, stairs.From, output);
        CombineOneByOne(row, stairs.To, output.Length, output);
        foreach (var x in stairs.Others) CombineOneByOne(row, x, x + 1, output);
    }

    private void CombineOneByOne(ReadOnlySpan<float> row, int from, int to, Span<float> output)
    {
        for (var x = from; x < to; x++)
        {
            var weights = horizontal.Singles(x);
            var sum = 0f;
            for (var t = 0; t < weights.Length; t++) sum += weights[t] * row[horizontal.Mirror(horizontal.Start(x) + t)];
            output[x] = sum;
        }
    }

    private static void AddScaled(float weight, ReadOnlySpan<float> row, Span<float> sum)
    {
        var x = 0;
        for (; x <= sum.Length - Vector128<float>.Count; x += Vector128<float>.Count)
            (Vector128.Create<float>(sum[x..]) + (weight * Vector128.Create(row[x..]))).CopyTo(sum[x..]);
        for (; x < sum.Length; x++) sum[x] += weight * row[x];
    }

    /// <summary>
    /// One output row on whole-number samples as MATLAB does on uint8: sums in double, and after each of the two passes
    /// the samples are rounded half up and clipped. Channels are interleaved.
    /// </summary>
    /// <param name="input">The input rows that <see cref="InputRows"/> names.</param>
    /// <param name="combined">Scratch of input width times channels.</param>
    /// <param name="target">The output row; overwritten.</param>
    internal void ResizeRow(Func<int, ReadOnlySpan<ushort>> input, int row, int max, Span<double> combined, Span<ushort> target)
    {
        var channels = target.Length / OutWidth;
        var weights = vertical.Doubles(row);
        combined.Clear();
        for (var t = 0; t < weights.Length; t++)
        {
            if (weights[t] == 0) continue;
            var samples = input(vertical.Clamp(vertical.Start(row) + t));
            for (var x = 0; x < samples.Length; x++) combined[x] += weights[t] * samples[x];
        }
        foreach (ref var value in combined) value = Round(value, max);
        for (var x = 0; x < OutWidth; x++)
        {
            weights = horizontal.Doubles(x);
            for (var c = 0; c < channels; c++)
            {
                var sum = 0.0;
                for (var t = 0; t < weights.Length; t++)
                    sum += weights[t] * combined[horizontal.Clamp(horizontal.Start(x) + t) * channels + c];
                target[x * channels + c] = (ushort)Round(sum, max);
            }
        }
    }

    private static double Round(double value, int max) => Math.Clamp(Math.Floor(value + 0.5), 0, max);
}
