namespace Srcnn.Kernels;

/// <summary>The phases of a transposed convolution row by row, each row spread over as many as the factor.</summary>
/// <param name="backend">Derives the phases' weights.</param>
/// <param name="phaseWeight">Where to; set before each picture.</param>
/// <param name="phaseBias">Likewise.</param>
internal sealed unsafe class ConvTranspose2dRowOp(
    ConvTranspose2dGeometry geometry, IBackend backend, Tensor weight, Tensor bias, Tensor phaseWeight, Tensor phaseBias) : IRowOp
{
    [ThreadStatic]
    private static Scratch? buffer;

    private readonly Conv2dGeometry phases = geometry.Phases;
    private readonly Scratch packedMemory = new();
    private float* packed;

    public int OutChannels => geometry.OutChannels;

    public int Scale => geometry.Stride;

    public int Above => geometry.Radius;

    public int Below => geometry.Radius;

    public int Left => geometry.Radius;

    public int Right => geometry.Radius;

    public PaddingMode Mode => geometry.Border;

    public int Step => geometry.Stride;

    public void Prepare()
    {
        backend.ConvTranspose2dToPhases(geometry, weight, bias, phaseWeight, phaseBias);
        if (Dot.Suits(phases.OutChannels)) packed = Dot.Pack(phases, HostBackend.Pointer(phaseWeight), packedMemory);
    }

    public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
    {
        int first = x0 / Scale, width = (x1 / Scale) - first, top = y0 / Scale, height = (y1 / Scale) - top;
        var rows = stackalloc float*[height + phases.KernelSize - 1];
        for (var r = 0; r < height + phases.KernelSize - 1; r++) rows[r] = inputs[0].At(top - Above + r, first - Left);
        var deep = (buffer ??= new()).Rent((long)height * width * phases.OutChannels);
        Conv2dRows.Forward(
            phases, rows, packed, HostBackend.Pointer(phaseWeight), HostBackend.Pointer(phaseBias), Activation.None, mask: null, deep, height, width);
        for (var y = 0; y < height; y++)
        for (var i = 0; i < Scale; i++)
            Spread(deep + ((nint)y * width * phases.OutChannels) + (i * Scale * OutChannels), output.At(y0 + (y * Scale) + i, x0), width);
    }

    public void Dispose() => packedMemory.Dispose();

    /// <summary>One output row: a short run of every pixel's channels.</summary>
    private void Spread(float* deep, float* row, int count)
    {
        var run = Scale * OutChannels;
        for (var x = 0; x < count; x++, deep += phases.OutChannels)
        for (var j = 0; j < run; j++)
            *row++ = deep[j];
    }
}
