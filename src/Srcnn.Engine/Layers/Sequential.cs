using Srcnn.Engine.Onnx;
using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>Layers one after another; one that enlarges stands last.</summary>
public sealed class Sequential(params Layer[] layers) : Layer
{
    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => layers.SelectMany(l => l.Parameters);

    /// <inheritdoc/>
    public override Activation OutputActivation => layers[^1].OutputActivation;

    /// <inheritdoc/>
    public override int Radius => layers.Sum(l => l.Radius);

    /// <inheritdoc/>
    public override int Scale => layers.Aggregate(1, (scale, layer) => scale * layer.Scale);

    /// <inheritdoc/>
    public override Shape Output(Shape input) => layers.Aggregate(input, (shape, layer) => layer.Output(shape));

    /// <inheritdoc/>
    public override double Flops(Shape input)
    {
        var sum = 0.0;
        foreach (var layer in layers)
        {
            sum += layer.Flops(input);
            input = layer.Output(input);
        }
        return sum;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Workspace workspace, Tensor input) =>
        layers.Aggregate(input, (tensor, layer) => layer.Forward(workspace, tensor));

    /// <inheritdoc/>
    public override Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted)
    {
        for (var i = layers.Length - 1; i > 0; i--)
        {
            var between = layers[i - 1].OutputActivation.IsRelu ? InputGrad.Rectified : InputGrad.Plain;
            outputGrad = layers[i].Backward(workspace, outputGrad, between)!;
        }
        return layers[0].Backward(workspace, outputGrad, wanted);
    }

    /// <summary>The last map is the picture, whose channels are few.</summary>
    internal override bool FillsVectors => layers.SkipLast(1).All(layer => layer.FillsVectors);

    /// <inheritdoc/>
    internal override bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph) => layers.All(layer => layer.TryStream(parameters, algorithm, graph));

    /// <inheritdoc/>
    public override string Export(OnnxGraph graph, string input) => layers.Aggregate(input, (value, layer) => layer.Export(graph, value));

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters)
    {
        foreach (var layer in layers) layer.Prepare(parameters);
    }
}
