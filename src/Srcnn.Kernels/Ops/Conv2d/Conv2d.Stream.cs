namespace Srcnn.Kernels;

/// <summary>A stride-1 'same' convolution in the streaming executor. Reads the weights in place; those of the <see cref="Dot"/> form are packed once.</summary>
internal sealed unsafe class Conv2dRowOp : IRowOp
{
    private readonly Conv2dGeometry geometry;
    private readonly Tensor weight, bias;
    private readonly Activation activation;
    private readonly Scratch packedMemory = new();
    private readonly float* packed;

    public Conv2dRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    {
        if (geometry.Stride != 1) throw new ArgumentException($"a convolution of stride {geometry.Stride} does not stream");
        (this.geometry, this.weight, this.bias, this.activation) = (geometry, weight, bias, activation);
        if (!Dot.Suits(geometry.OutChannels)) return;
        packed = packedMemory.Rent(Dot.PackedLength(geometry));
        Dot.Pack(geometry, HostBackend.Pointer(weight), packed);
    }

    public int OutChannels => geometry.OutChannels;

    public int Above => geometry.Padding.Top;

    public int Below => geometry.Padding.Bottom;

    public int Left => geometry.Padding.Left;

    public int Right => geometry.Padding.Right;

    public PaddingMode Mode => geometry.Padding.Mode;

    public void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        var rows = stackalloc float*[geometry.KernelSize];
        for (var y = y0; y < y1; y++)
        {
            for (var r = 0; r < geometry.KernelSize; r++) rows[r] = input.At(y - Above + r, x0 - Left);
            Conv2dRows.Row(geometry, rows, packed, HostBackend.Pointer(weight), HostBackend.Pointer(bias), activation, mask: null, output.At(y, x0), x1 - x0);
        }
    }
}
