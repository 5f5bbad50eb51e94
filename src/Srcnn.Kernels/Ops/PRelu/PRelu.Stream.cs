namespace Srcnn.Kernels;

/// <summary>An activation by itself, on rows.</summary>
internal sealed unsafe class ActivationRowOp(Activation activation, int channels) : IRowOp
{
    private static readonly float[] Zero = [0];

    public int OutChannels => channels;

    public int Above => 0;

    public int Below => 0;

    public int Left => 0;

    public int Right => 0;

    public PaddingMode Mode => PaddingMode.Zero;

    public int RowStep => 1;

    public int ColumnStep => 1;

    public void Prepare() { }

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        var input = inputs[0];
        ReadOnlySpan<float> slopes = activation.Slope is { } slope ? HostBackend.Elements(slope) : Zero;
        for (var y = y0; y < y1; y++)
        {
            if (output.PixelStep != 1 || channels == 1)
            {
                HostBackend.PRelu(input.At(y, x0), slopes, output.At(y, x0), (x1 - x0) * channels);
                continue;
            }
            for (var c = 0; c < channels; c++)
                HostBackend.PRelu(input.At(y, x0) + (c * input.ChannelStep), slopes.Slice(slopes.Length == 1 ? 0 : c, 1), output.At(y, x0) + (c * output.ChannelStep), x1 - x0);
        }
    }

    public void Dispose() { }
}
