namespace Srcnn.Kernels;

/// <summary>Computes <paramref name="count"/> values of a run of memory: of <paramref name="channel"/>, or of whole pixels where that is −1.</summary>
internal unsafe delegate void Pointwise(int channel, float* input, float* output, int count);

/// <summary>An op that looks at one value at a time, on rows.</summary>
/// <param name="channels">Channels of its map.</param>
/// <param name="body">What it does.</param>
internal sealed unsafe class PointwiseRowOp(int channels, Pointwise body) : IRowOp
{
    public int OutChannels => channels;

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        // Channels last, a row is one run of memory; in planes, a run per channel.
        var input = inputs[0];
        var isPlanes = output.PixelStep == 1 && channels > 1;
        for (var y = y0; y < y1; y++)
        {
            if (!isPlanes) body(-1, input.At(y, x0), output.At(y, x0), (x1 - x0) * channels);
            for (var c = 0; isPlanes && c < channels; c++)
                body(c, input.At(y, x0) + (c * input.ChannelStep), output.At(y, x0) + (c * output.ChannelStep), x1 - x0);
        }
    }

    public void Dispose() { }
}
