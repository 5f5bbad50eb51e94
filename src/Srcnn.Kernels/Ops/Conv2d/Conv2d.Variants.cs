namespace Srcnn.Kernels;

/// <summary>How the ILGPU backend computes a convolution or its weight gradient.</summary>
internal enum Conv2dVariant
{
    /// <summary>One thread per output element. Right for every size, and for those too small for the others.</summary>
    Plain,

    /// <summary>A thread computes five neighbouring pixels (weight gradient: weight rows) of a block of channels.</summary>
    Strip,

    /// <summary>Forward with one output channel: a thread computes five pixels, its lanes run along the summed elements.</summary>
    Dot,

    /// <summary>Weight gradient with few output channels: input and output gradient change places, the result is flipped.</summary>
    Swapped,
}

/// <summary>A variant and the number of channels one thread works on: 1, 4, 8, 16 or 32.</summary>
internal readonly record struct Conv2dPlan(Conv2dVariant Variant, int Lanes)
{
    /// <summary>Pixels or weight rows per thread: with 32 lanes ten 512-bit accumulators, enough to hide the latency of a fused multiply–add.</summary>
    public const int Rows = 5;

    /// <summary>Forward, and the input gradient as a forward convolution. The input is padded already.</summary>
    /// <param name="g">The geometry; its padding is ignored.</param>
    /// <param name="width">Output pixels in a row.</param>
    /// <param name="wide">Whether a thread may hold 32 channels, see <see cref="IlgpuBackend.WideLanes"/>.</param>
    public static Conv2dPlan Forward(in Conv2dGeometry g, int width, bool wide)
    {
        if (width < Rows) return new(Conv2dVariant.Plain, 1);
        if (g.OutChannels > 1) return new(Conv2dVariant.Strip, LanesFor(g.OutChannels, wide));
        // Lanes run along the S·C elements of a tap row and must divide them.
        foreach (var lanes in new[] { 32, 16, 8 })
        {
            if (RowTerms(g) % lanes == 0 && (lanes < 32 || wide)) return new(Conv2dVariant.Dot, lanes);
        }
        return new(Conv2dVariant.Strip, 1);
    }

    /// <summary>Weight gradient. Input and output gradient are padded already.</summary>
    /// <param name="g">The geometry; its padding is ignored.</param>
    /// <param name="wide">As in <see cref="Forward"/>.</param>
    public static Conv2dPlan BackwardWeight(in Conv2dGeometry g, bool wide)
    {
        if (g.OutChannels < 8 && g.InChannels >= 8 && g.Stride == 1 && g.KernelSize * g.OutChannels >= Rows)
            return new(Conv2dVariant.Swapped, LanesFor(g.InChannels, wide));
        return RowTerms(g) >= Rows ? new(Conv2dVariant.Strip, LanesFor(g.OutChannels, wide)) : new(Conv2dVariant.Plain, 1);
    }

    /// <summary>
    /// The lanes that waste least: blocks overlap at the end, so 12 channels cost two blocks of 8; narrow blocks use the vector
    /// registers badly.
    /// </summary>
    internal static int LanesFor(int channels, bool wide)
    {
        var (best, bestCost) = (1, channels / 0.05);
        foreach (var (lanes, efficiency) in new[] { (4, 0.25), (8, 0.5), (16, 0.8), (32, 1.0) })
        {
            if (lanes > channels || (lanes == 32 && !wide)) continue;
            var cost = (channels + lanes - 1) / lanes * lanes / efficiency;
            if (cost <= bestCost) (best, bestCost) = (lanes, cost);
        }
        return best;
    }

    /// <summary>Elements of one tap row, S·C; they lie side by side in the input and in the weights.</summary>
    private static int RowTerms(in Conv2dGeometry g) => g.KernelSize * g.InChannels;
}
