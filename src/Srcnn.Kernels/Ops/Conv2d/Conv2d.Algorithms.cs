namespace Srcnn.Kernels;

/// <summary>Which form of a convolution inference on the host runs.</summary>
public enum Algorithm
{
    /// <summary>The faster one by the measured table.</summary>
    Auto,

    /// <summary>The sum as it is written.</summary>
    Direct,

    /// <summary>Winograd's minimal filtering wherever there is a form for the layer.</summary>
    Fast,
}

/// <summary>Chooses the streaming op of a convolution.</summary>
internal static class Conv2dAlgorithms
{
    /// <summary>The op for one layer; a pure function of its arguments and the vector width of the processor.</summary>
    public static IRowOp RowOp(
        in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation, Algorithm algorithm, RowLayout layout = RowLayout.Pixels) => Simd.Width switch
    {
        16 => RowOp<Simd512>(geometry, weight, bias, activation, algorithm, layout),
        8 => RowOp<Simd256>(geometry, weight, bias, activation, algorithm, layout),
        _ => RowOp<Simd128>(geometry, weight, bias, activation, algorithm, layout),
    };

    /// <summary>
    /// The table behind <see cref="Algorithm.Auto"/>, from the times in bench/results/algorithms.md: the fewest channels on either side with
    /// which Winograd's form was clearly faster, or the fewest measured. Vectors of 512, 256 and 128 bits, pictures and training passes agree, but for
    /// a training of 9×9 1→16, which no network here has.
    /// </summary>
    public static bool Pays(in Conv2dGeometry geometry) => geometry.KernelSize switch
    {
        9 => geometry.OutChannels >= 16,
        5 => Math.Min(geometry.InChannels, geometry.OutChannels) >= 4,
        3 => Math.Min(geometry.InChannels, geometry.OutChannels) >= 8,
        _ => false,
    };

    /// <summary>The same for one filter over a picture, where the transform goes down the columns only.</summary>
    public static bool PaysInDots(in Conv2dGeometry geometry) => geometry.InChannels >= 32;

    /// <summary>The same for maps in planes, where the transform goes down the columns only.</summary>
    public static bool PaysInPlanes(in Conv2dGeometry geometry) => geometry.InChannels >= 8;

    /// <summary>Winograd's form of a pass over a sample in memory whose tiles cut up <paramref name="tiled"/>, or null where it is summed as it is written.</summary>
    public static IWinogradSample? Sample(in Conv2dGeometry geometry, Shape tiled, Algorithm algorithm) => Simd.Width switch
    {
        16 => Sample<Simd512>(geometry, tiled, algorithm),
        8 => Sample<Simd256>(geometry, tiled, algorithm),
        _ => Sample<Simd128>(geometry, tiled, algorithm),
    };

    private static IWinogradSample? Sample<V>(in Conv2dGeometry g, Shape tiled, Algorithm algorithm)
        where V : struct, ISimd<V>
    {
        if (algorithm == Algorithm.Direct || (algorithm == Algorithm.Auto && !Pays(g))) return null;
        var inside = g.Padding.Top < g.KernelSize && g.Padding.Left < g.KernelSize;
        if (!inside || g.Stride != 1) return null;
        return g.KernelSize switch
        {
            9 when WinogradNestedSample<F53, V>.Suits(g) => WinogradNestedSample<F53, V>.Instance,
            5 => WinogradSample<F45, V>.Instance,
            3 when Products<F63>(tiled) <= Products<F43>(tiled) => WinogradSample<F63, V>.Instance,
            3 => WinogradSample<F43, V>.Instance,
            _ => null,
        };
    }

    /// <summary>Multiplications per pair of channels.</summary>
    private static int Products<TForm>(Shape tiled)
        where TForm : struct, IWinogradForm
    {
        int points = TForm.Outputs + TForm.Taps - 1, across = (tiled.W + TForm.Outputs - 1) / TForm.Outputs, down = (tiled.H + TForm.Outputs - 1) / TForm.Outputs;
        return points * points * across * down;
    }

    private static IRowOp RowOp<V>(in Conv2dGeometry geometry, Tensor weight, Tensor bias, Activation activation, Algorithm algorithm, RowLayout layout)
        where V : struct, ISimd<V>
    {
        if (layout == RowLayout.Planes)
        {
            var fast = algorithm == Algorithm.Fast || (algorithm == Algorithm.Auto && PaysInPlanes(geometry));
            return (fast, geometry.KernelSize) switch
            {
                (true, 3) => new PlanesWinogradRowOp<F43, V>(geometry, weight, bias, activation),
                (true, 5) => new PlanesWinogradRowOp<F45, V>(geometry, weight, bias, activation),
                _ => new PlanesRowOp(geometry, weight, bias, activation),
            };
        }
        if (algorithm == Algorithm.Direct) return new DirectRowOp(geometry, weight, bias, activation);
        if (activation.Slope is null && WinogradDotRowOp<V>.Suits(geometry) && (algorithm == Algorithm.Fast || PaysInDots(geometry)))
            return new WinogradDotRowOp<V>(geometry, weight, bias, activation);
        if (algorithm == Algorithm.Fast || Pays(geometry))
        {
            if (WinogradNestedRowOp<V>.Suits(geometry)) return new WinogradNestedRowOp<V>(geometry, weight, bias, activation);
            if (WinogradPlainRowOp<F45, F45, V>.Suits(geometry)) return new WinogradPlainRowOp<F45, F45, V>(geometry, weight, bias, activation);
            if (WinogradPlainRowOp<F63, F43, V>.Suits(geometry)) return new WinogradPlainRowOp<F63, F43, V>(geometry, weight, bias, activation);
        }
        return new DirectRowOp(geometry, weight, bias, activation);
    }
}
