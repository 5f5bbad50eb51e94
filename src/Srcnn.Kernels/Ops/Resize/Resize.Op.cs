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
internal sealed class Resize : Op
{
    private const string Phases = "as phases", Flipped = "as flipped phases";

    private readonly ConvTranspose2dGeometry geometry;
    private readonly ResizeMode mode;

    /// <param name="channels">Of the map.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="mode">How.</param>
    public Resize(int channels, int scale, ResizeMode mode)
    {
        this.mode = mode;
        // Linear, a pixel reaches to its neighbours' centres: (s − 1)/2 output pixels before its own s of them, rounded up, and as many behind.
        var before = mode == ResizeMode.Nearest ? 0 : scale / 2;
        geometry = new ConvTranspose2dGeometry(channels, channels, scale + (2 * before), scale, before, PaddingMode.Replicate);
    }

    /// <inheritdoc/>
    public override string Name => $"{mode} ×{Scale}";

    /// <inheritdoc/>
    public override int Radius => geometry.Radius;

    /// <inheritdoc/>
    public override int Scale => geometry.Stride;

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0];

    /// <inheritdoc/>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => geometry.Output(At(edges).Output(inputs[0]));

    /// <inheritdoc/>
    public override double Flops(Shape output) => (mode == ResizeMode.Nearest ? 0 : 8.0) * output.Length;

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training)
    {
        var phases = parameters.Derived(Key, Phases, geometry.Phases.Weight, PhaseWeights);
        if (training) parameters.Backend.Conv2dFlip(geometry.Phases, phases, parameters.Derived(Key, Flipped, geometry.Phases.FlippedWeight));
        parameters.Derived(Key, "without bias", geometry.Phases.Bias);
    }

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        var g = At(run.Edges);
        var phases = run.Slot("phases", g.Output(run.Input().Shape));
        var (weight, bias) = Weights(run.Parameters);
        run.Backend.Conv2dForward(g, run.Input(), weight, bias, Activation.None, phases);
        run.Backend.DepthToSpace(Scale, phases, run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass);
        var g = At(run.Edges);
        var phasesGrad = run.Slot("phasesGrad", g.Output(run.Input().Shape));
        run.Backend.SpaceToDepth(Scale, run.OutputGrad, phasesGrad);
        run.Backend.Conv2dBackwardInput(g, phasesGrad, run.Parameters.Prepared(Key, Flipped), run.Mask(), run.InputGrad());
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        Prepare(rows.Parameters, training: false);
        var (weight, bias) = Weights(rows.Parameters);
        rows.Graph.Add(Conv2dAlgorithms.RowOp(geometry.Phases, weight, bias, Activation.None, rows.Algorithm, rows.Graph.Layout), inputs);
        rows.Graph.Describe(Name, 2.0 * geometry.Phases.Weight.Length);
        rows.Graph.Add(new DepthToSpaceRowOp(Scale, geometry.OutChannels));
        return true;
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("Resize", [inputs[0], "", nodes.Constant([1, 1, Scale, Scale], 4)],
        mode == ResizeMode.Nearest ? [("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor")] : [("mode", "linear"), ("coordinate_transformation_mode", "half_pixel")]);

    /// <summary>The known kernel, [R, S, C, C], as the weights of its phases.</summary>
    private float[] PhaseWeights()
    {
        var (phases, channels, side) = (geometry.Phases, geometry.InChannels, geometry.Phases.KernelSize);
        var weights = new float[phases.Weight.Length];
        for (var r = 0; r < side; r++)
        for (var s = 0; s < side; s++)
        for (var i = 0; i < Scale; i++)
        for (var j = 0; j < Scale; j++)
        for (var c = 0; c < channels; c++)
            weights[(((((r * side) + s) * channels) + c) * phases.OutChannels) + (((i * Scale) + j) * channels) + c] = Tap(geometry.Tap(r, i)) * Tap(geometry.Tap(s, j));
        return weights;
    }

    /// <summary>What an output pixel takes of the input pixel whose kernel's tap <paramref name="t"/> it meets.</summary>
    private float Tap(int t)
    {
        if (t < 0 || t >= geometry.KernelSize) return 0;
        return mode == ResizeMode.Nearest ? 1 : Math.Max(0, 1 - Math.Abs(((t - geometry.Offset + 0.5f) / Scale) - 0.5f));
    }

    /// <summary>What its constants stand under.</summary>
    private string Key => $"{Name} of {geometry.InChannels}";

    private (Tensor Weight, Tensor Bias) Weights(ParameterStore parameters) => (parameters.Prepared(Key, Phases), parameters.Prepared(Key, "without bias"));

    /// <summary>The phases' convolution with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges) => geometry.Phases with { Padding = edges.Keep(geometry.Phases.Padding) };
}

/// <summary>The word for it.</summary>
public static class ResizeWord
{
    /// <summary>The map enlarged by interpolation.</summary>
    public static Map Resize(this Map input, int scale, ResizeMode mode) => input.Then(new Resize(input.Channels, scale, mode));
}
