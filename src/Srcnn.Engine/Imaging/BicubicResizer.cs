using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// MATLAB's bicubic between two fixed sizes, any range of output rows at a time, so that a picture can be streamed.
/// Weights are computed once, in double. Columns are combined first, rows second: MATLAB's order where both scales are
/// equal. Rows do not depend on how they are grouped. Instances may be shared among threads.
/// </summary>
internal sealed class BicubicResizer
{
    private readonly BicubicWeights vertical, horizontal;

    /// <summary>Each axis is scaled by output over input size.</summary>
    public BicubicResizer(int inWidth, int inHeight, int outWidth, int outHeight)
        : this(inWidth, inHeight, outWidth, outHeight, (double)outWidth / inWidth, (double)outHeight / inHeight) { }

    /// <summary>Scales given apart, for sizes rounded from size·scale.</summary>
    public BicubicResizer(int inWidth, int inHeight, int outWidth, int outHeight, double scaleX, double scaleY)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(inWidth, inHeight), 1, nameof(inWidth));
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(outWidth, outHeight), 1, nameof(outWidth));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scaleX);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(scaleY);
        vertical = new BicubicWeights(inHeight, outHeight, scaleY);
        horizontal = new BicubicWeights(inWidth, outWidth, scaleX);
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
        var column = ArrayPool<float>.Shared.Rent(InWidth);
        var combined = column.AsSpan(0, InWidth);
        for (var i = 0; i < count; i++)
        {
            var weights = vertical.Singles(firstOutput + i);
            var start = vertical.Start(firstOutput + i);
            combined.Clear();
            for (var t = 0; t < weights.Length; t++)
                AddScaled(weights[t], input.Slice((vertical.Mirror(start + t) - firstInput) * InWidth, InWidth), combined);
            CombineRow(combined, output.Slice(i * OutWidth, OutWidth));
        }
        ArrayPool<float>.Shared.Return(column);
    }

    private void CombineRow(ReadOnlySpan<float> row, Span<float> output)
    {
        var (from, to) = (output.Length, output.Length);
        if (horizontal.Stairs is { } stairs && stairs.To - stairs.From >= Vector<float>.Count)
        {
            (from, to) = (stairs.From, stairs.To);
            CombineInterior(stairs, row, output);
        }
        CombineOneByOne(row, 0, from, output);
        CombineOneByOne(row, to, output.Length, output);
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

    /// <summary>The same sums in the same order for the outputs of the stairs, a vector at a time; the last vector goes over some again.</summary>
    private void CombineInterior(BicubicStairs stairs, ReadOnlySpan<float> row, Span<float> output)
    {
        var repeated = ArrayPool<float>.Shared.Rent(OutWidth);
        for (int i = 0, r = 0; i < row.Length; i++)
        for (var end = r + stairs.Scale; r < end; r++)
            repeated[r] = row[i];
        for (var x = stairs.From; x < stairs.To; x += Vector<float>.Count)
        {
            var at = Math.Min(x, stairs.To - Vector<float>.Count);
            var sum = Vector<float>.Zero;
            for (var t = 0; t < horizontal.Taps; t++)
                sum += new Vector<float>(stairs.WeightsByTap, (t * OutWidth) + at) * new Vector<float>(repeated, at + stairs.Offset + (stairs.Scale * t));
            sum.CopyTo(output[at..]);
        }
        ArrayPool<float>.Shared.Return(repeated);
    }

    private static void AddScaled(float weight, ReadOnlySpan<float> row, Span<float> sum)
    {
        if (weight == 0) return;
        var rows = MemoryMarshal.Cast<float, Vector<float>>(row);
        var sums = MemoryMarshal.Cast<float, Vector<float>>(sum);
        for (var v = 0; v < sums.Length; v++) sums[v] += weight * rows[v];
        for (var x = sums.Length * Vector<float>.Count; x < sum.Length; x++) sum[x] += weight * row[x];
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
