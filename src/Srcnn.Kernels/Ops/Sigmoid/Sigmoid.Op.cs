namespace Srcnn.Kernels;

/// <summary>1/(1 + e^−x): numbers become shares.</summary>
internal sealed unsafe class Sigmoid : Op
{
    /// <inheritdoc/>
    public override string Name => "sigmoid";

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        run.Backend.SigmoidForward(run.Input(), run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass);
        run.Backend.SigmoidBackward(run.Output, run.OutputGrad, run.InputGrad());
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        rows.Graph.Add(new PointwiseRowOp(rows.Graph.Channels(inputs[0]), (_, input, output, count) => HostBackend.Sigmoid(input, output, count)), inputs);
        rows.Graph.Describe(Name, 0);
        return true;
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("Sigmoid", inputs);
}

/// <summary>The word for it.</summary>
public static class SigmoidWord
{
    /// <summary>1/(1 + e^−x).</summary>
    public static Map Sigmoid(this Map input) => input.Then(new Sigmoid());
}
