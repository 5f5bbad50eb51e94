namespace Srcnn.Kernels;

/// <summary>A skip: the sum of two maps, pixel by pixel.</summary>
/// <param name="channels">Channels of both.</param>
internal sealed unsafe class AddRowOp(int channels) : IRowOp
{
    public int OutChannels => channels;

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        // Channels last, a row is one run of memory; in planes, a run per channel.
        var (runs, length) = output.PixelStep == 1 ? (channels, x1 - x0) : (1, (x1 - x0) * channels);
        for (var y = y0; y < y1; y++)
        for (var run = 0; run < runs; run++)
        {
            RowRing a = inputs[0], b = inputs[1];
            HostBackend.AddRow(a.At(y, x0) + (run * a.ChannelStep), b.At(y, x0) + (run * b.ChannelStep), output.At(y, x0) + (run * output.ChannelStep), length);
        }
    }

    public void Dispose() { }
}
