namespace Srcnn.Kernels;

/// <summary>max(x, 0).</summary>
public sealed class Relu : ActivationOp
{
    /// <inheritdoc/>
    public override string Name => "relu";

    /// <inheritdoc/>
    public override bool EndsInRelu => true;

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        run.Backend.PReluForward(run.Input(), run.Parameters.Constant(0), run.Output);
    }

    /// <summary>The gradient before the ReLU is what it is given.</summary>
    public override void Backward(in OpRun run)
    {
        if (run.Wants()) run.PassGrad();
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("Relu", inputs);

    /// <inheritdoc/>
    internal override Activation Of(ParameterStore parameters) => Activation.Relu;

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters, bool training) => parameters.Constant(0);
}

/// <summary>The word for it.</summary>
public static class ReluWord
{
    /// <summary>max(x, 0).</summary>
    public static Map Relu(this Map input) => input.Then(new Relu());
}
