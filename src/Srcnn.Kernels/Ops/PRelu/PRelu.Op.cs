namespace Srcnn.Kernels;

/// <summary>x where x &gt; 0, else slope·x, with slopes that are learned (He et al., arXiv:1502.01852).</summary>
public sealed class PRelu : ActivationOp
{
    private readonly Parameter slope;

    /// <param name="name">Prefix of the parameter's name: "prelu1".</param>
    /// <param name="slopes">One for each channel, or 1 for all.</param>
    /// <param name="start">What all slopes begin at.</param>
    public PRelu(string name, int slopes, float start)
    {
        Name = name;
        slope = new Parameter($"{name}.slope", Shape.Vector(slopes), Initializers.Constant(start));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [slope];

    /// <inheritdoc/>
    public override double Flops(Shape output) => output.Length;

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        run.Backend.PReluForward(run.Input(), run.Value(slope), run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        using var timed = run.Time("gradient");
        run.Backend.PReluBackward(run.Input(), run.Value(slope), run.OutputGrad, run.InputGrad(), run.Grad(slope));
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("PRelu", [inputs[0], nodes.Weight(slope, slope.Shape.C, 1, 1)]);

    /// <inheritdoc/>
    internal override Activation Of(ParameterStore parameters) => Activation.PRelu(parameters.Value(slope));
}

/// <summary>The word for it.</summary>
public static class PReluWord
{
    /// <summary>PReLU with a slope for each channel, or one for all.</summary>
    public static Map PRelu(this Map input, string name, bool shared = false, float start = 0.25f) => input.Then(new PRelu(name, shared ? 1 : input.Channels, start));
}
