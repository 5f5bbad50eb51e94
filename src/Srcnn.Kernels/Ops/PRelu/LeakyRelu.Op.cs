namespace Srcnn.Kernels;

/// <summary>x where x &gt; 0, else slope·x, with one slope that is given: a PReLU that learns nothing.</summary>
internal sealed class LeakyRelu(float slope) : ActivationOp
{
    /// <inheritdoc/>
    public override string Name => "leaky relu";

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training) => parameters.Constant(slope);

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        run.Backend.PReluForward(run.Input(), run.Parameters.Constant(slope), run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass);
        run.Backend.PReluBackward(run.Input(), run.Parameters.Constant(slope), run.OutputGrad, run.InputGrad(), run.Slot("slopeGrad", Shape.Vector(1)));
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("LeakyRelu", inputs, ("alpha", slope));

    /// <inheritdoc/>
    internal override Activation Of(ParameterStore parameters) => Activation.PRelu(parameters.Constant(slope));
}

/// <summary>The word for it.</summary>
public static class LeakyReluWord
{
    /// <summary>x where x &gt; 0, else slope·x.</summary>
    public static Map LeakyRelu(this Map input, float slope) => input.Then(new LeakyRelu(slope));
}
