namespace Srcnn.Kernels;

/// <summary>How a picture is enlarged without a network.</summary>
public enum ResizeMode
{
    /// <summary>Every pixel becomes a block.</summary>
    Nearest,

    /// <summary>Linear between the centres of pixels, both ways; beyond the outermost centres the border goes on.</summary>
    Bilinear,
}

/// <summary>Enlarges a map by interpolation, half a pixel's centres kept: a transposed convolution of each channel whose kernel is known.</summary>
/// <param name="channels">Of the map.</param>
/// <param name="scale">The factor.</param>
/// <param name="mode">How.</param>
internal sealed class Resize(int channels, int scale, ResizeMode mode) : PhasesOp($"{mode} ×{scale} of {channels}", KernelOf(channels, scale, mode))
{
    /// <inheritdoc/>
    public override double Flops(Shape output) => (mode == ResizeMode.Nearest ? 0 : 8.0) * output.Length;

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add(
        "Resize", [inputs[0], "", nodes.Constant([1, 1, Scale, Scale], 4)], mode == ResizeMode.Nearest
            ? [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")]
            : [("mode", "linear"), ("coordinate_transformation_mode", "half_pixel")]);

    /// <inheritdoc/>
    private protected override (Tensor Weight, Tensor Bias) PhasesOf(ParameterStore parameters) =>
        (parameters.Derived(Name, Phases, Geometry.Phases.Weight, PhaseWeights), parameters.Derived(Name, PhaseBias, Geometry.Phases.Bias));

    private static ConvTranspose2dGeometry KernelOf(int channels, int scale, ResizeMode mode)
    {
        // Linear, a pixel reaches to its neighbours' centres: (s − 1)/2 output pixels before its own s of them, rounded up, and as many behind.
        var before = mode == ResizeMode.Nearest ? 0 : scale / 2;
        return new ConvTranspose2dGeometry(channels, channels, scale + (2 * before), scale, before, PaddingMode.Replicate);
    }

    /// <summary>The known kernel, [R, S, C, C], as the weights of its phases.</summary>
    private float[] PhaseWeights()
    {
        var (phases, channels, side) = (Geometry.Phases, Geometry.InChannels, Geometry.Phases.KernelSize);
        var weights = new float[phases.Weight.Length];
        for (var r = 0; r < side; r++)
        for (var s = 0; s < side; s++)
        for (var i = 0; i < Scale; i++)
        for (var j = 0; j < Scale; j++)
        for (var c = 0; c < channels; c++)
            weights[(((((r * side) + s) * channels) + c) * phases.OutChannels) + (((i * Scale) + j) * channels) + c] = Tap(Geometry.Tap(r, i)) * Tap(Geometry.Tap(s, j));
        return weights;
    }

    /// <summary>What an output pixel takes of the input pixel whose kernel's tap <paramref name="t"/> it meets.</summary>
    private float Tap(int t)
    {
        if (t < 0 || t >= Geometry.KernelSize) return 0;
        return mode == ResizeMode.Nearest ? 1 : Math.Max(0, 1 - Math.Abs(((t - Geometry.Offset + 0.5f) / Scale) - 0.5f));
    }
}

/// <summary>The word for it.</summary>
public static class ResizeWord
{
    /// <summary>The map enlarged by interpolation.</summary>
    public static Map Resize(this Map input, int scale, ResizeMode mode) => input.Then(new Resize(input.Channels, scale, mode));
}
