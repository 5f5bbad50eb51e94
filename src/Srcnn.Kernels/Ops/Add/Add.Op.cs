namespace Srcnn.Kernels;

/// <summary>The sum of two maps, pixel by pixel: a skip (He et al., arXiv:1512.03385).</summary>
public sealed class Add : Op
{
    /// <inheritdoc/>
    public override string Name => "skip";

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) =>
        inputs[0] == inputs[1] ? inputs[0] : throw new ArgumentException($"a skip adds {inputs[0]} and {inputs[1]} channels");

    /// <summary>At cut edges one map has lost more than the other; the sum has what both have.</summary>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => inputs[0].H <= inputs[1].H && inputs[0].W <= inputs[1].W ? inputs[0] : inputs[1];

    /// <inheritdoc/>
    public override double Flops(Shape output) => output.Length;

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        var whole = run.Input(0).Shape == run.Output.Shape ? 0 : 1;
        var (top, left) = run.Crop(1 - whole);
        run.Backend.Add(run.Input(whole), run.Input(1 - whole), top, left, run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        for (var index = 0; index < 2; index++)
        {
            if (!run.Wants(index)) continue;
            ShapeException.ThrowUnless(run.Input(index).Shape, run.OutputGrad.Shape, "skip: a map where training does not pad");
            run.PassGrad(index);
        }
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        rows.Graph.Add(new AddRowOp(rows.Graph.Channels(inputs[0])), inputs);
        rows.Graph.Describe(Name, 0);
        return true;
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("Add", inputs);
}
