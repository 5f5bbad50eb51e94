using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>MATLAB's bicubic enlargement of a picture that comes in bands.</summary>
/// <param name="scale">The factor.</param>
/// <param name="channels">Of the picture.</param>
/// <param name="workers">Threads.</param>
/// <param name="profile">Told how long it takes.</param>
internal sealed class BicubicStage(int scale, int channels, int workers, Profile? profile = null) : IRowStage
{
    private const int RowsPerTask = 16;

    private RowWindow[] planes = [];
    private BicubicResizer resizer = new(1, 1, 1, 1);
    private int made;

    public int Scale => scale;

    public void Start(int height, int width)
    {
        resizer = new BicubicResizer(width, height, checked(width * scale), checked(height * scale));
        planes = RowWindow.Of(channels, width);
        made = 0;
    }

    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        using var timed = profile?.Begin("bicubic");
        int inRow = resizer.InWidth * channels, outRow = resizer.OutWidth * channels, from = made, count = rows.Length / inRow;
        for (var c = 0; c < channels; c++)
        {
            planes[c].Extend(count, resizer.FirstInput(from));
            Interleaved.Take(rows.Span[c..], channels, planes[c].Row(planes[c].End - count, count));
        }
        made = resizer.OutputRows(planes[0].End);
        var target = output(made - from);
        Workforce.Run(workers, (made - from + RowsPerTask - 1) / RowsPerTask, (task, _) =>
        {
            var first = from + (task * RowsPerTask);
            var block = target.Span.Slice((first - from) * outRow, Math.Min(RowsPerTask, made - first) * outRow);
            if (channels == 1)
            {
                planes[0].Enlarge(resizer, first, block);
                return;
            }
            var one = new float[block.Length / channels];
            for (var c = 0; c < channels; c++)
            {
                planes[c].Enlarge(resizer, first, one);
                Interleaved.Put(one, block[c..], channels);
            }
        });
    }
}
