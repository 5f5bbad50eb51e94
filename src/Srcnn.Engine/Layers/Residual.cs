using Srcnn.Engine.Onnx;
using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>input + body(input): the body learns what is missing (He et al., arXiv:1512.03385). The body keeps shape and channels, and ends without activation.</summary>
public sealed class Residual(Layer body) : Layer
{
    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => body.Parameters;

    /// <inheritdoc/>
    public override int Radius => body.Radius;

    /// <inheritdoc/>
    public override Shape Output(Shape input) => body.Output(input);

    /// <inheritdoc/>
    public override double Flops(Shape input) => body.Flops(input) + Output(input).Length;

    /// <inheritdoc/>
    public override Tensor Forward(Workspace workspace, Tensor input)
    {
        workspace.Remember(this, input);
        var missing = body.Forward(workspace, input);
        using var timed = workspace.Time("skip", ForwardPass, 0);
        var output = workspace.Slot(this, "output", missing.Shape);
        // At cut edges the body lost what it depends on; the skip must lose it too.
        var (top, left) = (workspace.Edges.HasFlag(Edges.Top) ? 0 : Radius, workspace.Edges.HasFlag(Edges.Left) ? 0 : Radius);
        workspace.Backend.Add(missing, input, top, left, output);
        return output;
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted)
    {
        if (wanted == InputGrad.None) return body.Backward(workspace, outputGrad, InputGrad.None);
        var input = workspace.Recall(this);
        var bodyGrad = body.Backward(workspace, outputGrad, InputGrad.Plain)!;
        using var timed = workspace.Time("skip", InputPass, 0);
        var inputGrad = workspace.Slot(this, "inputGrad", input.Shape);
        workspace.Backend.Add(bodyGrad, outputGrad, 0, 0, inputGrad);
        if (wanted == InputGrad.Rectified) workspace.Backend.ReluBackward(input, inputGrad, inputGrad);
        return inputGrad;
    }

    /// <inheritdoc/>
    internal override bool FillsVectors => body.FillsVectors;

    /// <inheritdoc/>
    internal override bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph)
    {
        var input = graph.Last;
        if (!body.TryStream(parameters, algorithm, graph)) return false;
        graph.Add(new AddRowOp(graph.Channels(input)), graph.Last, input);
        graph.Describe("skip", 0);
        return true;
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraph graph, string input) => graph.Add("Add", [body.Export(graph, input), input]);

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters) => body.Prepare(parameters);
}
