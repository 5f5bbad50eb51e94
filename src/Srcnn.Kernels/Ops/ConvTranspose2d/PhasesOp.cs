namespace Srcnn.Kernels;

/// <summary>Enlarges a map by the convolution of its phases (see <see cref="ConvTranspose2dGeometry"/>), whose weights are learned or known.</summary>
public abstract class PhasesOp : Op
{
    private protected const string Phases = "as phases", PhaseBias = "bias of the phases";

    private const string Flipped = "as flipped phases";

    private protected PhasesOp(string name, ConvTranspose2dGeometry geometry) => (Name, Geometry) = (name, geometry);

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override int Radius => Geometry.Radius;

    /// <inheritdoc/>
    public override int Scale => Geometry.Stride;

    private protected ConvTranspose2dGeometry Geometry { get; }

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0] == Geometry.InChannels ? Geometry.OutChannels
        : throw new ArgumentException($"{Name} reads {inputs[0]} channels; its weights {Geometry.Weight} expect {Geometry.InChannels}");

    /// <inheritdoc/>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => Geometry.Output(At(edges).Output(inputs[0]));

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training)
    {
        var (phases, _) = PhasesOf(parameters);
        if (training) parameters.Backend.Conv2dFlip(Geometry.Phases, phases, parameters.Derived(Name, Flipped, Geometry.Phases.FlippedWeight));
    }

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass, Flops(run.Output.Shape));
        var g = At(run.Edges);
        var phases = run.Slot("phases", g.Output(run.Input().Shape));
        run.Backend.Conv2dForward(
            g, run.Input(), run.Parameters.Prepared(Name, Phases), run.Parameters.Prepared(Name, PhaseBias), Activation.None, phases);
        run.Backend.DepthToSpace(Geometry.Stride, phases, run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass, Flops(run.OutputGrad.Shape));
        BackwardInput(run, PhasesGrad(run));
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        var (graph, parameters) = (rows.Graph, rows.Parameters);
        var (phases, bias) = PhasesOf(parameters);
        graph.Derive(() => PhasesOf(parameters));
        graph.Add(Conv2dAlgorithms.RowOp(Geometry.Phases, phases, bias, Activation.None, rows.Algorithm, graph.Layout), inputs);
        graph.Describe(Name, 2.0 * Geometry.Phases.Weight.Length);
        graph.Add(new DepthToSpaceRowOp(Geometry.Stride, Geometry.OutChannels));
        return true;
    }

    /// <summary>Weights and biases of the phases' convolution as they are now, under <see cref="Phases"/> and <see cref="PhaseBias"/> of the op's name.</summary>
    private protected abstract (Tensor Weight, Tensor Bias) PhasesOf(ParameterStore parameters);

    /// <summary>The gradient of the phases: the output's, taken apart.</summary>
    private protected Tensor PhasesGrad(in OpRun run)
    {
        var phasesGrad = run.Slot("phasesGrad", At(run.Edges).Output(run.Input().Shape));
        run.Backend.SpaceToDepth(Geometry.Stride, run.OutputGrad, phasesGrad);
        return phasesGrad;
    }

    private protected void BackwardInput(in OpRun run, Tensor phasesGrad) =>
        run.Backend.Conv2dBackwardInput(At(run.Edges), phasesGrad, run.Parameters.Prepared(Name, Flipped), run.Mask(), run.InputGrad());

    /// <summary>The phases' convolution with padding only on the sides that are sides of the picture.</summary>
    private protected Conv2dGeometry At(Edges edges) => Geometry.Phases with { Padding = edges.Keep(Geometry.Phases.Padding) };
}
