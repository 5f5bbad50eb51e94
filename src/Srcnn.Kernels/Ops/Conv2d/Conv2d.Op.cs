namespace Srcnn.Kernels;

/// <summary>A convolution with bias; what follows it is fused into it where it can be.</summary>
public sealed class Conv2d : Op
{
    private const string Flipped = "flipped", Folded = "with its norm";

    private readonly Conv2dGeometry geometry;
    private readonly Parameter weight, bias;
    private readonly BatchNorm? norm;
    private readonly ActivationOp? activation;

    /// <param name="name">Prefix of the parameter names: "conv1".</param>
    /// <param name="geometry">Channels, kernel, padding at the picture's borders, stride.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    /// <param name="block">See <see cref="Parameter.Block"/>.</param>
    public Conv2d(string name, Conv2dGeometry geometry, Initializer initializer, int block = 1)
    {
        (Name, this.geometry) = (name, geometry);
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer, Block: block);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero, Block: block);
    }

    private Conv2d(Conv2d plain, BatchNorm? norm, ActivationOp? activation)
    {
        (Name, geometry, weight, bias) = (plain.Name, plain.geometry, plain.weight, plain.bias);
        (this.norm, this.activation) = (norm, activation);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [weight, bias, .. norm?.Parameters ?? [], .. activation?.Parameters ?? []];

    /// <inheritdoc/>
    public override int Radius => geometry.KernelSize / 2;

    /// <inheritdoc/>
    public override bool EndsInRelu => activation?.EndsInRelu ?? false;

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0] == geometry.InChannels ? geometry.OutChannels
        : throw new ArgumentException($"{Name} reads {inputs[0]} channels; its weights {geometry.Weight} expect {geometry.InChannels}");

    /// <inheritdoc/>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => At(edges).Output(inputs[0]);

    /// <inheritdoc/>
    public override double Flops(Shape output) => 2.0 * output.Length * geometry.Terms;

    /// <summary>A ReLU always: its output tells what its backward pass asks for. Slopes may be negative, so training keeps what was there before them.</summary>
    internal override Op? Fuse(Op next, bool training) => next switch
    {
        ActivationOp following when activation is null && (!training || following.EndsInRelu) => new Conv2d(this, norm, following),
        BatchNorm following when activation is null && norm is null && !training => new Conv2d(this, following, null),
        _ => null,
    };

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training)
    {
        if (training) parameters.Backend.Conv2dFlip(geometry, parameters.Value(weight), parameters.Derived(weight, Flipped, geometry.FlippedWeight));
        if (norm is not null) Fold(parameters);
        activation?.Prepare(parameters, training);
    }

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass, Flops(run.Output.Shape));
        var (w, b) = Weights(run.Parameters);
        run.Backend.Conv2dForward(At(run.Edges), run.Input(), w, b, activation?.Of(run.Parameters) ?? Activation.None, run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        var (g, flops) = (At(run.Edges), Flops(run.OutputGrad.Shape));
        using (run.Time(WeightPass, flops))
            run.Backend.Conv2dBackwardWeight(g, run.Input(), run.OutputGrad, run.Grad(weight), run.Grad(bias));
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass, flops);
        run.Backend.Conv2dBackwardInput(g, run.OutputGrad, run.Parameters.Prepared(weight, Flipped), run.Mask(), run.InputGrad());
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        if (!Conv2dRowOp.Suits(geometry)) return false;
        var (graph, parameters) = (rows.Graph, rows.Parameters);
        Prepare(parameters, training: false);
        if (norm is not null) graph.Derive(() => Fold(parameters));
        var (w, b) = Weights(parameters);
        var op = Conv2dAlgorithms.RowOp(geometry, w, b, activation?.Of(parameters) ?? Activation.None, rows.Algorithm, graph.Layout);
        graph.Add(op, inputs);
        graph.Describe(Name, 2.0 * geometry.Weight.Length);
        return true;
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs)
    {
        var p = geometry.Padding;
        var zeros = p.Mode == PaddingMode.Zero ? [p.Top, p.Left, p.Bottom, p.Right] : new int[4];
        var sum = nodes.Add("Conv", [nodes.Pad(inputs[0], p), nodes.Weight(weight), nodes.Weight(bias)], ("pads", zeros), ("strides", new[] { geometry.Stride, geometry.Stride }));
        if (norm is not null) sum = norm.Export(nodes, [sum]);
        return activation?.Export(nodes, [sum]) ?? sum;
    }

    /// <summary>What it computes with: the parameters, or what a norm makes of them.</summary>
    private (Tensor Weight, Tensor Bias) Weights(ParameterStore parameters) => norm is null
        ? (parameters.Value(weight), parameters.Value(bias))
        : (parameters.Prepared(weight, Folded), parameters.Prepared(bias, Folded));

    /// <summary>norm(w·x + b) is a convolution with other weights.</summary>
    private void Fold(ParameterStore parameters)
    {
        var (factors, shifts) = norm!.Affine(parameters);
        float[] weights = parameters.Value(weight).ToArray(), biases = parameters.Value(bias).ToArray();
        for (var i = 0; i < weights.Length; i++) weights[i] *= factors[i % factors.Length];
        for (var k = 0; k < biases.Length; k++) biases[k] = (float)(((double)biases[k] * factors[k]) + shifts[k]);
        parameters.Derived(weight, Folded, weight.Shape).CopyFrom(weights);
        parameters.Derived(bias, Folded, bias.Shape).CopyFrom(biases);
    }

    /// <summary>The geometry with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges) => geometry with { Padding = edges.Keep(geometry.Padding) };
}

/// <summary>The word for it.</summary>
public static class Conv2dWord
{
    /// <summary>A convolution that keeps the picture's size.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="name">Prefix of the parameter names: "conv1".</param>
    /// <param name="channels">Of its output.</param>
    /// <param name="kernel">Side of its kernel in pixels; odd.</param>
    /// <param name="border">What stands outside the picture.</param>
    /// <param name="start">Draws the first weights; null as He et al.</param>
    public static Map Conv2d(this Map input, string name, int channels, int kernel, PaddingMode border = PaddingMode.Replicate, Initializer? start = null) =>
        input.Then(new Conv2d(name, new Conv2dGeometry(input.Channels, channels, kernel, Padding.Same(kernel, border)), start ?? Initializers.He));
}
