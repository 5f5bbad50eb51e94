namespace Srcnn.Engine.Upscaling;

/// <summary>One channel among several in a row.</summary>
internal static class Interleaved
{
    /// <summary>Every <paramref name="step"/>-th value, from the first on.</summary>
    public static void Take(ReadOnlySpan<float> row, int step, Span<float> channel)
    {
        if (step == 1) row.CopyTo(channel);
        else for (int x = 0, i = 0; x < channel.Length; x++, i += step) channel[x] = row[i];
    }

    /// <summary>The other way round.</summary>
    public static void Put(ReadOnlySpan<float> channel, Span<float> row, int step)
    {
        if (step == 1) channel.CopyTo(row);
        else for (int x = 0, i = 0; x < channel.Length; x++, i += step) row[i] = channel[x];
    }
}
