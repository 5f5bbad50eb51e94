using Srcnn.Engine.Onnx;
using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>A convolution with bias and fused activation.</summary>
public sealed class Conv2d : Layer
{
    private const string Flipped = "flipped";

    private readonly string name;
    private readonly Conv2dGeometry geometry;
    private readonly Activation activation;
    private readonly Parameter weight, bias;
    private readonly Parameter? slope;

    /// <summary>A convolution with <see cref="Activation.Relu"/> or <see cref="Activation.None"/>.</summary>
    /// <param name="name">Prefix of the parameter names: "conv1".</param>
    /// <param name="geometry">Channels, kernel, padding at the picture's borders, stride.</param>
    /// <param name="activation">Applied to the output.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    public Conv2d(string name, Conv2dGeometry geometry, Activation activation, Initializer initializer)
        : this(name, geometry, initializer) => this.activation = activation;

    /// <summary>A convolution with PReLU: <paramref name="slope"/> holds one slope per channel, or one for all.</summary>
    public Conv2d(string name, Conv2dGeometry geometry, Parameter slope, Initializer initializer)
        : this(name, geometry, initializer) => this.slope = slope;

    private Conv2d(string name, Conv2dGeometry geometry, Initializer initializer)
    {
        (this.name, this.geometry) = (name, geometry);
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => slope is null ? [weight, bias] : [weight, bias, slope];

    /// <summary>A PReLU's backward pass is this layer's own business: it needs the slopes and what was there before them.</summary>
    public override Activation OutputActivation => activation;

    /// <inheritdoc/>
    internal override bool FillsVectors => geometry.OutChannels % VectorChannels == 0;

    /// <inheritdoc/>
    public override int Radius => geometry.KernelSize / 2;

    /// <inheritdoc/>
    public override Shape Output(Shape input) => geometry.Output(input);

    /// <inheritdoc/>
    public override double Flops(Shape input) => geometry.Flops(input);

    /// <inheritdoc/>
    public override Tensor Forward(Workspace workspace, Tensor input)
    {
        workspace.Remember(this, input);
        var g = At(workspace.Edges);
        using var timed = workspace.Time(name, ForwardPass, g.Flops(input.Shape));
        var output = workspace.Slot(this, "output", g.Output(input.Shape));
        // Slopes may be negative, so the output does not tell the sign that the backward pass asks for.
        var apart = slope is not null && workspace.Grads is not null;
        var sum = apart ? workspace.Slot(this, "sum", output.Shape) : output;
        var fused = apart ? Activation.None : slope is null ? activation : Activation.PRelu(workspace.Value(slope));
        workspace.Backend.Conv2dForward(g, input, workspace.Value(weight), workspace.Value(bias), fused, sum);
        if (apart) workspace.Backend.PReluForward(sum, workspace.Value(slope!), output);
        return output;
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted)
    {
        var input = workspace.Recall(this);
        var g = At(workspace.Edges);
        if (slope is not null)
        {
            using var timed = workspace.Time(name, "slope gradient", 0);
            Tensor sum = workspace.Slot(this, "sum", outputGrad.Shape), sumGrad = workspace.Slot(this, "sumGrad", outputGrad.Shape);
            workspace.Backend.PReluBackward(sum, workspace.Value(slope), outputGrad, sumGrad, workspace.Grad(slope));
            outputGrad = sumGrad;
        }
        using (workspace.Time(name, WeightPass, g.Flops(input.Shape)))
            workspace.Backend.Conv2dBackwardWeight(g, input, outputGrad, workspace.Grad(weight), workspace.Grad(bias));
        if (wanted == InputGrad.None) return null;
        using var last = workspace.Time(name, InputPass, g.Flops(input.Shape));
        var inputGrad = workspace.Slot(this, "inputGrad", input.Shape);
        workspace.Backend.Conv2dBackwardInput(g, outputGrad, workspace.Prepared(weight, Flipped), wanted == InputGrad.Rectified ? input : null, inputGrad);
        return inputGrad;
    }

    /// <inheritdoc/>
    public override string Export(OnnxGraph graph, string input)
    {
        var p = geometry.Padding;
        var zeros = p.Mode == PaddingMode.Zero ? [p.Top, p.Left, p.Bottom, p.Right] : new int[4];
        var sum = graph.Add("Conv", [graph.Pad(input, p), graph.Weight(weight), graph.Weight(bias)], ("pads", zeros), ("strides", new[] { geometry.Stride, geometry.Stride }));
        return slope is not null ? graph.Add("PRelu", [sum, graph.Weight(slope, slope.Shape.C, 1, 1)])
            : activation.IsRelu ? graph.Add("Relu", [sum])
            : sum;
    }

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters) =>
        parameters.Backend.Conv2dFlip(geometry, parameters.Value(weight), parameters.Derived(weight, Flipped, geometry.FlippedWeight));

    /// <inheritdoc/>
    internal override bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph)
    {
        if (!Conv2dRowOp.Suits(geometry)) return false;
        var fused = slope is null ? activation : Activation.PRelu(parameters.Value(slope));
        graph.Add(Conv2dAlgorithms.RowOp(geometry, parameters.Value(weight), parameters.Value(bias), fused, algorithm, graph.Layout));
        graph.Describe(name, 2.0 * geometry.Weight.Length);
        return true;
    }

    /// <summary>The geometry with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges) => geometry with { Padding = edges.Keep(geometry.Padding) };
}
