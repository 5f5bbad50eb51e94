using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>One stage after the other.</summary>
/// <param name="channels">Of both.</param>
internal sealed class ChainStage(IRowStage first, IRowStage second, int channels) : IRowStage
{
    private float[] between = [];
    private int row;

    public int Scale => first.Scale * second.Scale;

    public void Start(int height, int width)
    {
        first.Start(height, width);
        second.Start(checked(height * first.Scale), checked(width * first.Scale));
        row = width * first.Scale * channels;
    }

    public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output)
    {
        Memory<float> made = default;
        first.Push(rows, count =>
        {
            if (between.Length < count * row) between = new float[count * row];
            return made = between.AsMemory(0, count * row);
        });
        second.Push(made, output);
    }
}
