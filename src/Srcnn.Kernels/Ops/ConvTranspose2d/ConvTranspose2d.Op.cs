namespace Srcnn.Kernels;

/// <summary>A transposed convolution with bias, which enlarges the picture. Runs as the convolution of its phases (see <see cref="ConvTranspose2dGeometry"/>).</summary>
public sealed class ConvTranspose2d : Op
{
    private const string Phases = "as phases", Flipped = "as flipped phases";

    private readonly ConvTranspose2dGeometry geometry;
    private readonly Parameter weight, bias;

    /// <param name="name">Prefix of the parameter names: "deconv".</param>
    /// <param name="geometry">Channels, kernel, factor and offset.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    public ConvTranspose2d(string name, ConvTranspose2dGeometry geometry, Initializer initializer)
    {
        (Name, this.geometry) = (name, geometry);
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer, InputFirst: true);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [weight, bias];

    /// <inheritdoc/>
    public override int Radius => geometry.Radius;

    /// <inheritdoc/>
    public override int Scale => geometry.Stride;

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0] == geometry.InChannels ? geometry.OutChannels
        : throw new ArgumentException($"{Name} reads {inputs[0]} channels; its weights {geometry.Weight} expect {geometry.InChannels}");

    /// <inheritdoc/>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => geometry.Output(At(edges).Output(inputs[0]));

    /// <summary>Zeros among the taps of the phases are not counted.</summary>
    public override double Flops(Shape output) => 2.0 * output.N * output.H * output.W / geometry.Stride / geometry.Stride * geometry.Weight.Length;

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training)
    {
        var (phases, _) = PhasesOf(parameters);
        if (training) parameters.Backend.Conv2dFlip(geometry.Phases, phases, parameters.Derived(weight, Flipped, geometry.Phases.FlippedWeight));
    }

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass, Flops(run.Output.Shape));
        var g = At(run.Edges);
        var phases = run.Slot("phases", g.Output(run.Input().Shape));
        run.Backend.Conv2dForward(g, run.Input(), run.Parameters.Prepared(weight, Phases), run.Parameters.Prepared(bias, Phases), Activation.None, phases);
        run.Backend.DepthToSpace(geometry.Stride, phases, run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        var (backend, g, flops) = (run.Backend, At(run.Edges), Flops(run.OutputGrad.Shape));
        var phasesGrad = run.Slot("phasesGrad", g.Output(run.Input().Shape));
        using (run.Time(WeightPass, flops))
        {
            backend.SpaceToDepth(geometry.Stride, run.OutputGrad, phasesGrad);
            Tensor weightGrad = run.Slot("weightGrad", g.Weight), biasGrad = run.Slot("biasGrad", g.Bias);
            backend.Fill(weightGrad, 0);
            backend.Fill(biasGrad, 0);
            backend.Conv2dBackwardWeight(g, run.Input(), phasesGrad, weightGrad, biasGrad);
            backend.ConvTranspose2dFromPhases(geometry, weightGrad, biasGrad, run.Grad(weight), run.Grad(bias));
        }
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass, flops);
        backend.Conv2dBackwardInput(g, phasesGrad, run.Parameters.Prepared(weight, Flipped), run.Mask(), run.InputGrad());
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        var (g, graph, parameters) = (geometry.Phases, rows.Graph, rows.Parameters);
        var (phases, phaseBias) = PhasesOf(parameters);
        graph.Derive(() => PhasesOf(parameters));
        graph.Add(Conv2dAlgorithms.RowOp(g, phases, phaseBias, Activation.None, rows.Algorithm, graph.Layout), inputs);
        graph.Describe(Name, 2.0 * g.Weight.Length);
        graph.Add(new DepthToSpaceRowOp(geometry.Stride, geometry.OutChannels));
        return true;
    }

    /// <summary>ONNX's transposed convolution computes all that the kernel reaches; a block for each pixel of the picture is cut out of it.</summary>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs)
    {
        var (stride, isEdge) = (geometry.Stride, geometry.Border == PaddingMode.Replicate);
        var around = isEdge ? geometry.Radius : 0;
        int before = (around * stride) + geometry.Offset, after = ((around - 1) * stride) + geometry.KernelSize - geometry.Offset;
        int[] cut = [before, before, Math.Max(0, after), Math.Max(0, after)], missing = [Math.Max(0, -after), Math.Max(0, -after)];
        return nodes.Add("ConvTranspose", [nodes.Pad(inputs[0], geometry.Phases.Padding), nodes.Weight(weight), nodes.Weight(bias)],
            ("strides", new[] { stride, stride }), ("pads", cut), ("output_padding", missing));
    }

    /// <summary>The weights and biases of the phases' convolution as they follow from the parameters now.</summary>
    private (Tensor Weight, Tensor Bias) PhasesOf(ParameterStore parameters)
    {
        var g = geometry.Phases;
        Tensor phases = parameters.Derived(weight, Phases, g.Weight), phaseBias = parameters.Derived(bias, Phases, g.Bias);
        parameters.Backend.ConvTranspose2dToPhases(geometry, parameters.Value(weight), parameters.Value(bias), phases, phaseBias);
        return (phases, phaseBias);
    }

    /// <summary>The phases' convolution with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges) => geometry.Phases with { Padding = edges.Keep(geometry.Phases.Padding) };
}

/// <summary>The word for it.</summary>
public static class ConvTranspose2dWord
{
    /// <summary>A transposed convolution that enlarges <paramref name="scale"/> times.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="name">Prefix of the parameter names: "deconv".</param>
    /// <param name="channels">Of its output.</param>
    /// <param name="kernel">Side of its kernel in output pixels.</param>
    /// <param name="scale">The factor.</param>
    /// <param name="offset">Output pixels by which the kernel's corner stands before the block of its input pixel.</param>
    /// <param name="border">What stands outside the input.</param>
    /// <param name="start">Draws the first weights; null as He et al.</param>
    public static Map ConvTranspose2d(
        this Map input, string name, int channels, int kernel, int scale, int offset, PaddingMode border = PaddingMode.Replicate, Initializer? start = null) =>
        input.Then(new ConvTranspose2d(name, new ConvTranspose2dGeometry(input.Channels, channels, kernel, scale, offset, border), start ?? Initializers.He));
}
