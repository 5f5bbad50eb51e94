using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>MATLAB's bicubic enlargement of a picture that comes in bands.</summary>
internal sealed class BicubicStage(int scale, int channels, Profile? profile = null) : IRowStage
{
    private RowWindow[] planes = [];
    private BicubicResizer resizer = new(1, 1, 1, 1);
    private int made;

    public int Scale => scale;

    public void Start(int height, int width)
    {
        resizer = new BicubicResizer(width, height, checked(width * scale), checked(height * scale));
        planes = [.. Enumerable.Range(0, channels).Select(_ => new RowWindow(width))];
        made = 0;
    }

    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        using var timed = profile?.Begin("bicubic");
        int inRow = resizer.InWidth * channels, outRow = resizer.OutWidth * channels, start = planes[0].End, from = made;
        foreach (var plane in planes) plane.Extend(rows.Length / inRow, resizer.FirstInput(from));
        Parallel.For(start, planes[0].End, y =>
        {
            var row = rows.Span.Slice((y - start) * inRow, inRow);
            for (var c = 0; c < channels; c++) Interleaved.Take(row[c..], channels, planes[c].Row(y));
        });
        made = resizer.OutputRows(planes[0].End);
        var target = output(made - from);
        Parallel.For(from, made, y =>
        {
            var row = target.Span.Slice((y - from) * outRow, outRow);
            if (channels == 1)
            {
                planes[0].Enlarge(resizer, y, row);
                return;
            }
            var one = new float[resizer.OutWidth];
            for (var c = 0; c < channels; c++)
            {
                planes[c].Enlarge(resizer, y, one);
                Interleaved.Put(one, row[c..], channels);
            }
        });
    }
}
