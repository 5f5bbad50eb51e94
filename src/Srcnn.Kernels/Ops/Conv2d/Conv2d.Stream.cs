namespace Srcnn.Kernels;

/// <summary>What the forms of a stride-1 'same' convolution in the streaming executor have in common.</summary>
internal abstract class Conv2dRowOp : IRowOp
{
    protected Conv2dRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    {
        if (!Suits(geometry)) throw new ArgumentException($"{geometry} changes the picture's size and does not stream");
        ShapeException.ThrowUnless(weight.Shape, geometry.Weight, "conv2d: weight");
        ShapeException.ThrowUnless(bias.Shape, geometry.Bias, "conv2d: bias");
        (Geometry, Weight, Bias, Activation) = (geometry, weight, bias, activation);
    }

    /// <summary>Whether a convolution of this geometry keeps the picture's size.</summary>
    public static bool Suits(in Conv2dGeometry g) =>
        g.Stride == 1 && g.Padding.Top + g.Padding.Bottom == g.KernelSize - 1 && g.Padding.Left + g.Padding.Right == g.KernelSize - 1;

    public int OutChannels => Geometry.OutChannels;

    public int Above => Geometry.Padding.Top;

    public int Below => Geometry.Padding.Bottom;

    public int Left => Geometry.Padding.Left;

    public int Right => Geometry.Padding.Right;

    public PaddingMode Mode => Geometry.Padding.Mode;

    public virtual int RowStep => 1;

    public virtual int ColumnStep => 1;

    protected Conv2dGeometry Geometry { get; }

    protected Tensor Weight { get; }

    protected Tensor Bias { get; }

    protected Activation Activation { get; }

    public abstract void Prepare();

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1) => Run(inputs[0], output, y0, y1, x0, x1);

    public abstract void Dispose();

    /// <summary>See <see cref="IRowOp.Run"/>.</summary>
    protected abstract void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1);
}

/// <summary>The sum as it is written. Reads the weights in place, or packed for the <see cref="Dot"/> form.</summary>
internal sealed unsafe class DirectRowOp(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation)
    : Conv2dRowOp(geometry, weight, bias, activation)
{
    private readonly Scratch packedMemory = new();
    private float* packed;

    public override void Prepare()
    {
        if (Dot.Suits(OutChannels)) packed = Dot.Pack(Geometry, HostBackend.Pointer(Weight), packedMemory);
    }

    protected override void Run(RowRing input, RowRing output, int y0, int y1, int x0, int x1)
    {
        var rows = stackalloc float*[Geometry.KernelSize];
        for (var y = y0; y < y1; y++)
        {
            for (var r = 0; r < Geometry.KernelSize; r++) rows[r] = input.At(y - Above + r, x0 - Left);
            Conv2dRows.Forward(Geometry, rows, packed, HostBackend.Pointer(Weight), HostBackend.Pointer(Bias), Activation, mask: null, output.At(y, x0), 1, x1 - x0);
        }
    }

    public override void Dispose() => packedMemory.Dispose();
}
