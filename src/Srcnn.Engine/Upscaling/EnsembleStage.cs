using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// The mean over the eight flips and rotations of a picture, each turned back after upscaling: eight times the work for some hundredths
/// of a decibel (geometric self-ensemble, arXiv 1511.02228). A turned picture needs all its rows, so it holds the whole one.
/// </summary>
/// <param name="stage">Enlarges one of them.</param>
/// <param name="channels">Of input and output.</param>
internal sealed class EnsembleStage(IRowStage stage, int channels) : IRowStage
{
    public const int Turns = 8;

    private float[] picture = [];
    private int height, width, filled;

    public int Scale => stage.Scale;

    public void Start(int height, int width)
    {
        (this.height, this.width, filled) = (height, width, 0);
        picture = new float[checked(height * width * channels)];
    }

    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        rows.CopyTo(picture.AsMemory(filled));
        filled += rows.Length;
        var complete = filled == picture.Length && rows.Length > 0;
        var mean = output(complete ? height * Scale : 0);
        if (!complete) return;
        mean.Span.Clear();
        for (var turn = 0; turn < Turns; turn++)
        {
            var turned = new float[picture.Length];
            ForEachPixel(turn, height, width, (straight, other) => picture.AsSpan(straight, channels).CopyTo(turned.AsSpan(other)));
            var (h, w) = IsUpright(turn) ? (height, width) : (width, height);
            var enlarged = stage.Run(turned, h, w);
            ForEachPixel(turn, height * Scale, width * Scale, (straight, other) =>
            {
                for (var c = 0; c < channels; c++) mean.Span[straight + c] += enlarged[other + c] / Turns;
            });
        }
    }

    private static bool IsUpright(int turn) => (turn & 4) == 0;

    /// <summary>Where every pixel of a picture of the given size is, and where it is in the turned one.</summary>
    private void ForEachPixel(int turn, int height, int width, Action<int, int> body) => Parallel.For(0, height, y =>
    {
        for (var x = 0; x < width; x++)
        {
            var (row, column) = ((turn & 1) == 0 ? y : height - 1 - y, (turn & 2) == 0 ? x : width - 1 - x);
            var other = IsUpright(turn) ? (row * width) + column : (column * height) + row;
            body(((y * width) + x) * channels, other * channels);
        }
    });
}
