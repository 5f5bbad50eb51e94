namespace Srcnn.Kernels;

/// <summary>Every pixel becomes block×block pixels: see <see cref="IBackend.DepthToSpace"/>.</summary>
/// <param name="block">Side of the block.</param>
/// <param name="channels">Channels of the result.</param>
internal sealed unsafe class DepthToSpaceRowOp(int block, int channels) : IRowOp
{
    public int OutChannels => channels;

    public int Scale => block;

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        var input = inputs[0];
        for (var y = y0; y < y1; y++)
        for (var j = 0; j < block; j++)
        for (var c = 0; c < channels; c++)
        {
            var channel = (((y % block * block) + j) * channels) + c;
            Spread(input.At(y / block, x0 / block) + (channel * input.ChannelStep), input.PixelStep, output.At(y, x0 + j) + (c * output.ChannelStep), block * output.PixelStep, (x1 - x0) / block);
        }
    }

    public void Dispose() { }

    private static void Spread(float* from, nint fromStep, float* to, nint toStep, int count)
    {
        for (; count > 0; count--, from += fromStep, to += toStep) *to = *from;
    }
}
