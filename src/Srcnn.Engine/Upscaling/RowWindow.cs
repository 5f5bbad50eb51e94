using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>Those rows of a plane that have come and are still needed: [First, End).</summary>
internal sealed class RowWindow(int width)
{
    private float[] values = [];

    /// <summary>An empty one for each of <paramref name="count"/> planes.</summary>
    public static RowWindow[] Of(int count, int width)
    {
        var windows = new RowWindow[count];
        for (var i = 0; i < count; i++) windows[i] = new RowWindow(width);
        return windows;
    }

    public int First { get; private set; }

    public int End { get; private set; }

    public Span<float> Row(int y, int count = 1) => values.AsSpan((y - First) * width, count * width);

    /// <summary>Rows of the enlargement from <paramref name="y"/> on.</summary>
    public void Enlarge(BicubicResizer resizer, int y, Span<float> rows) =>
        resizer.ResizeRows(values.AsSpan(0, (End - First) * width), First, y, rows.Length / resizer.OutWidth, rows);

    /// <summary>Makes room for more rows, whose content is whatever was there, and forgets those before <paramref name="needed"/>.</summary>
    public void Extend(int rows, int needed)
    {
        var kept = values.AsSpan((needed - First) * width, (End - needed) * width);
        var length = checked((End + rows - needed) * width);
        var target = length <= values.Length ? values : new float[length];
        kept.CopyTo(target);
        (values, First, End) = (target, needed, End + rows);
    }
}
