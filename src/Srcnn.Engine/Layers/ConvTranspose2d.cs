using Srcnn.Engine.Onnx;
using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>A transposed convolution with bias, which enlarges the picture. Runs as the convolution of its phases (see <see cref="ConvTranspose2dGeometry"/>).</summary>
public sealed class ConvTranspose2d : Layer
{
    private const string Phases = "as phases", Flipped = "as flipped phases";

    private readonly string name;
    private readonly ConvTranspose2dGeometry geometry;
    private readonly bool padded;
    private readonly Parameter weight, bias;

    /// <param name="name">Prefix of the parameter names: "deconv".</param>
    /// <param name="geometry">Channels, kernel, factor and offset.</param>
    /// <param name="padded">Whether the input goes on outside its borders; otherwise only outputs are computed that depend on no such pixel.</param>
    /// <param name="initializer">Draws the first weights; biases start at zero.</param>
    public ConvTranspose2d(string name, ConvTranspose2dGeometry geometry, bool padded, Initializer initializer)
    {
        (this.name, this.geometry, this.padded) = (name, geometry, padded);
        weight = new Parameter($"{name}.weight", geometry.Weight, initializer, InputFirst: true);
        bias = new Parameter($"{name}.bias", geometry.Bias, Initializers.Zero);
    }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [weight, bias];

    /// <inheritdoc/>
    public override int Radius => geometry.Radius;

    /// <inheritdoc/>
    public override int Scale => geometry.Stride;

    /// <inheritdoc/>
    public override Shape Output(Shape input) => geometry.Output(At(Edges.All).Output(input));

    /// <summary>Zeros among the taps of the phases are not counted.</summary>
    public override double Flops(Shape input) => 2.0 * input.N * input.H * input.W * geometry.Weight.Length;

    /// <inheritdoc/>
    public override Tensor Forward(Workspace workspace, Tensor input)
    {
        workspace.Remember(this, input);
        using var timed = workspace.Time(name, ForwardPass, Flops(input.Shape));
        var g = At(workspace.Edges);
        var phases = workspace.Slot(this, "phases", g.Output(input.Shape));
        workspace.Backend.Conv2dForward(g, input, workspace.Prepared(weight, Phases), workspace.Prepared(bias, Phases), Activation.None, phases);
        var output = workspace.Slot(this, "output", geometry.Output(phases.Shape));
        workspace.Backend.DepthToSpace(geometry.Stride, phases, output);
        return output;
    }

    /// <inheritdoc/>
    public override Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted)
    {
        var (backend, input, g) = (workspace.Backend, workspace.Recall(this), At(workspace.Edges));
        var phasesGrad = workspace.Slot(this, "phasesGrad", g.Output(input.Shape));
        using (workspace.Time(name, WeightPass, Flops(input.Shape)))
        {
            backend.SpaceToDepth(geometry.Stride, outputGrad, phasesGrad);
            Tensor weightGrad = workspace.Slot(this, "weightGrad", g.Weight), biasGrad = workspace.Slot(this, "biasGrad", g.Bias);
            backend.Fill(weightGrad, 0);
            backend.Fill(biasGrad, 0);
            backend.Conv2dBackwardWeight(g, input, phasesGrad, weightGrad, biasGrad);
            backend.ConvTranspose2dFromPhases(geometry, weightGrad, biasGrad, workspace.Grad(weight), workspace.Grad(bias));
        }

        if (wanted == InputGrad.None) return null;
        using var last = workspace.Time(name, InputPass, Flops(input.Shape));
        var inputGrad = workspace.Slot(this, "inputGrad", input.Shape);
        backend.Conv2dBackwardInput(g, phasesGrad, workspace.Prepared(weight, Flipped), wanted == InputGrad.Rectified ? input : null, inputGrad);
        return inputGrad;
    }

    /// <summary>ONNX's transposed convolution computes all that the kernel reaches; a block for each pixel of the picture is cut out of it.</summary>
    public override string Export(OnnxGraph graph, string input)
    {
        var (stride, isEdge) = (geometry.Stride, geometry.Border == PaddingMode.Replicate);
        var around = isEdge ? geometry.Radius : 0;
        int before = (around * stride) + geometry.Offset, after = ((around - 1) * stride) + geometry.KernelSize - geometry.Offset;
        int[] cut = [before, before, Math.Max(0, after), Math.Max(0, after)], missing = [Math.Max(0, -after), Math.Max(0, -after)];
        return graph.Add("ConvTranspose", [graph.Pad(input, geometry.Phases.Padding), graph.Weight(weight), graph.Weight(bias)],
            ("strides", new[] { stride, stride }), ("pads", cut), ("output_padding", missing));
    }

    /// <inheritdoc/>
    public override void Prepare(ParameterStore parameters)
    {
        var g = geometry.Phases;
        Tensor phases = parameters.Derived(weight, Phases, g.Weight), phaseBias = parameters.Derived(bias, Phases, g.Bias);
        parameters.Backend.ConvTranspose2dToPhases(geometry, parameters.Value(weight), parameters.Value(bias), phases, phaseBias);
        parameters.Backend.Conv2dFlip(g, phases, parameters.Derived(weight, Flipped, g.FlippedWeight));
    }

    /// <inheritdoc/>
    internal override bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph)
    {
        if (!padded) return false;
        var g = geometry.Phases;
        Tensor phases = parameters.Derived(weight, Phases, g.Weight), phaseBias = parameters.Derived(bias, Phases, g.Bias);
        graph.Derive(() => parameters.Backend.ConvTranspose2dToPhases(geometry, parameters.Value(weight), parameters.Value(bias), phases, phaseBias));
        graph.Add(Conv2dAlgorithms.RowOp(g, phases, phaseBias, Activation.None, algorithm, graph.Layout));
        graph.Describe(name, 2.0 * g.Weight.Length);
        graph.Add(new DepthToSpaceRowOp(geometry.Stride, geometry.OutChannels));
        return true;
    }

    /// <summary>The phases' convolution with padding only on the sides that are sides of the picture.</summary>
    private Conv2dGeometry At(Edges edges) =>
        geometry.Phases with { Padding = padded ? edges.Keep(geometry.Phases.Padding) : Padding.None };
}
