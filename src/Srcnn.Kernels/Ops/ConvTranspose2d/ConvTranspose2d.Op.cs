namespace Srcnn.Kernels;

/// <summary>A transposed convolution with bias, which enlarges the picture.</summary>
public sealed class ConvTranspose2d : PhasesOp
{
    private readonly Parameter weight, bias;

    /// <param name="name">Prefix of the parameter names: "deconv".</param>
    /// <param name="geometry">Channels, kernel, factor and offset.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    public ConvTranspose2d(string name, ConvTranspose2dGeometry geometry, Initializer initializer)
        : base(name, geometry)
    {
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer, InputFirst: true);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [weight, bias];

    /// <summary>Zeros among the taps of the phases are not counted.</summary>
    public override double Flops(Shape output) => 2.0 * output.N * output.H * output.W / Geometry.Stride / Geometry.Stride * Geometry.Weight.Length;

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        Tensor phasesGrad;
        using (run.Time(WeightPass, Flops(run.OutputGrad.Shape)))
        {
            var g = At(run.Edges);
            phasesGrad = PhasesGrad(run);
            Tensor weightGrad = run.Slot("weightGrad", g.Weight), biasGrad = run.Slot("biasGrad", g.Bias);
            run.Backend.Fill(weightGrad, 0);
            run.Backend.Fill(biasGrad, 0);
            run.Backend.Conv2dBackwardWeight(g, run.Input(), phasesGrad, weightGrad, biasGrad);
            run.Backend.ConvTranspose2dFromPhases(Geometry, weightGrad, biasGrad, run.Grad(weight), run.Grad(bias));
        }
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass, Flops(run.OutputGrad.Shape));
        BackwardInput(run, phasesGrad);
    }

    /// <summary>ONNX's transposed convolution computes all that the kernel reaches; a block for each pixel of the picture is cut out of it.</summary>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs)
    {
        var (stride, isEdge) = (Geometry.Stride, Geometry.Border == PaddingMode.Replicate);
        var around = isEdge ? Geometry.Radius : 0;
        int before = (around * stride) + Geometry.Offset, after = ((around - 1) * stride) + Geometry.KernelSize - Geometry.Offset;
        int[] cut = [before, before, Math.Max(0, after), Math.Max(0, after)], missing = [Math.Max(0, -after), Math.Max(0, -after)];
        return nodes.Add("ConvTranspose", [nodes.Pad(inputs[0], Geometry.Phases.Padding), nodes.Weight(weight), nodes.Weight(bias)],
            ("strides", new[] { stride, stride }), ("pads", cut), ("output_padding", missing));
    }

    /// <inheritdoc/>
    private protected override (Tensor Weight, Tensor Bias) PhasesOf(ParameterStore parameters)
    {
        var g = Geometry.Phases;
        Tensor phases = parameters.Derived(Name, Phases, g.Weight), phaseBias = parameters.Derived(Name, PhaseBias, g.Bias);
        parameters.Backend.ConvTranspose2dToPhases(Geometry, parameters.Value(weight), parameters.Value(bias), phases, phaseBias);
        return (phases, phaseBias);
    }
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
