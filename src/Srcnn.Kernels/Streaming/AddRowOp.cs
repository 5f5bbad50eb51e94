namespace Srcnn.Kernels;

/// <summary>A skip: the sum of two maps, pixel by pixel.</summary>
/// <param name="channels">Channels of both.</param>
internal sealed unsafe class AddRowOp(int channels) : IRowOp
{
    public int OutChannels => channels;

    public int Above => 0;

    public int Below => 0;

    public int Left => 0;

    public int Right => 0;

    public PaddingMode Mode => PaddingMode.Zero;

    public int Step => 1;

    public void Prepare() { }

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        var length = (x1 - x0) * channels;
        for (var y = y0; y < y1; y++)
        {
            var sum = new Span<float>(output.At(y, x0), length);
            new ReadOnlySpan<float>(inputs[0].At(y, x0), length).CopyTo(sum);
            HostBackend.AddScaled(new ReadOnlySpan<float>(inputs[1].At(y, x0), length), 1, sum);
        }
    }

    public void Dispose() { }
}
