namespace Srcnn.Kernels;

/// <summary>A stride-1 'same' convolution in the streaming executor. Reads the weights in place, or packed for the <see cref="Dot"/> form.</summary>
internal sealed unsafe class Conv2dRowOp : IRowOp
{
    private readonly Conv2dGeometry geometry;
    private readonly Tensor weight, bias;
    private readonly Activation activation;
    private readonly Scratch? packed;

    public Conv2dRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} changes the picture's size and does not stream");
        (this.geometry, this.weight, this.bias, this.activation) = (geometry, weight, bias, activation);
        if (Dot.Suits(geometry.OutChannels)) packed = new();
    }

    /// <summary>Whether a convolution of this geometry keeps the picture's size.</summary>
    public static bool Suits(in Conv2dGeometry g) =>
        g.Stride == 1 && g.Padding.Top + g.Padding.Bottom == g.KernelSize - 1 && g.Padding.Left + g.Padding.Right == g.KernelSize - 1;

    public int OutChannels => geometry.OutChannels;

    public int Above => geometry.Padding.Top;

    public int Below => geometry.Padding.Bottom;

    public int Left => geometry.Padding.Left;

    public int Right => geometry.Padding.Right;

    public PaddingMode Mode => geometry.Padding.Mode;

    public int Step => 1;

    public void Prepare()
    {
        if (packed is not null) Dot.Pack(geometry, HostBackend.Pointer(weight), packed.Rent(Dot.PackedLength(geometry)));
    }

    public void Dispose() => packed?.Dispose();

    public void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        var rows = stackalloc float*[geometry.KernelSize];
        var packedWeights = packed is null ? null : packed.Rent(Dot.PackedLength(geometry));
        for (var y = y0; y < y1; y++)
        {
            for (var r = 0; r < geometry.KernelSize; r++) rows[r] = input.At(y - Above + r, x0 - Left);
            Conv2dRows.Row(geometry, rows, packedWeights, HostBackend.Pointer(weight), HostBackend.Pointer(bias), activation, mask: null, output.At(y, x0), x1 - x0);
        }
    }
}
