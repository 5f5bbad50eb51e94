using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>A convolution with bias and fused activation.</summary>
public sealed class Conv2d : Layer
{
    private readonly Conv2dGeometry geometry;
    private readonly Activation activation;
    private readonly Parameter weight, bias;

    /// <param name="name">Prefix of the parameter names: "conv1".</param>
    /// <param name="geometry">Channels, kernel, padding at the picture's borders, stride.</param>
    /// <param name="activation">Applied to the output.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    public Conv2d(string name, Conv2dGeometry geometry, Activation activation, Initializer initializer)
    {
        (this.geometry, this.activation) = (geometry, activation);
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [weight, bias];

    /// <inheritdoc/>
    public override Activation OutputActivation => activation;

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
        var output = workspace.Slot(this, "output", g.Output(input.Shape));
        workspace.Backend.Conv2dForward(g, input, workspace.Value(weight), workspace.Value(bias), activation, output);
        return output;
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted)
    {
        var input = workspace.Recall(this);
        var g = At(workspace.Edges);
        workspace.Backend.Conv2dBackwardWeight(g, input, outputGrad, workspace.Grad(weight), workspace.Grad(bias));
        if (wanted == InputGrad.None) return null;
        var inputGrad = workspace.Slot(this, "inputGrad", input.Shape);
        workspace.Backend.Conv2dBackwardInput(g, outputGrad, workspace.Prepared(weight), wanted == InputGrad.Rectified ? input : null, inputGrad);
        return inputGrad;
    }

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters) =>
        parameters.Backend.Conv2dFlip(geometry, parameters.Value(weight), parameters.Derived(weight, geometry.FlippedWeight));

    /// <inheritdoc/>
    internal override bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph)
    {
        if (!Conv2dRowOp.Suits(geometry)) return false;
        graph.Add(Conv2dAlgorithms.RowOp(geometry, parameters.Value(weight), parameters.Value(bias), activation, algorithm));
        return true;
    }

    /// <summary>The geometry with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges)
    {
        var p = geometry.Padding;
        return geometry with
        {
            Padding = new Padding(
                edges.HasFlag(Edges.Top) ? p.Top : 0, edges.HasFlag(Edges.Left) ? p.Left : 0,
                edges.HasFlag(Edges.Bottom) ? p.Bottom : 0, edges.HasFlag(Edges.Right) ? p.Right : 0, p.Mode),
        };
    }
}
