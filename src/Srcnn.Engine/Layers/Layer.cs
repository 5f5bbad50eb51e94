using Srcnn.Engine.Onnx;
using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>What a layer's backward pass must produce for the layer before it.</summary>
public enum InputGrad
{
    /// <summary>Nothing: the input is the picture.</summary>
    None,

    /// <summary>∂loss/∂input.</summary>
    Plain,

    /// <summary>∂loss/∂(input before its ReLU): zero where the input is not positive.</summary>
    Rectified,
}

/// <summary>
/// A stateless description: geometry, parameters, and how to run forward and backward in a <see cref="Workspace"/>. It may run in
/// several workspaces at once.
/// </summary>
public abstract class Layer
{
    /// <summary>Channels of the widest vector; narrower ones are then full as well.</summary>
    private protected const int VectorChannels = 16;

    /// <summary>Passes, as profiles call them.</summary>
    private protected const string ForwardPass = "forward", WeightPass = "weight gradient", InputPass = "input gradient";

    /// <summary>The trainable tensors, in file order.</summary>
    public abstract IEnumerable<Parameter> Parameters { get; }

    /// <summary>ReLU if the output came out of one: whoever reads the output then rectifies the gradient it sends back. Otherwise none.</summary>
    public virtual Activation OutputActivation => Activation.None;

    /// <summary>Input pixels, on each side, that one output pixel depends on.</summary>
    public abstract int Radius { get; }

    /// <summary>Output pixels per input pixel, each way.</summary>
    public virtual int Scale => 1;

    /// <summary>Shape of the output for an input that reaches all borders of its picture.</summary>
    /// <exception cref="ShapeException">The input does not fit.</exception>
    public abstract Shape Output(Shape input);

    /// <summary>Floating-point operations of one forward pass, a multiply–add counted as two.</summary>
    public abstract double Flops(Shape input);

    /// <summary>The output, which belongs to the workspace and is valid until the next forward pass there.</summary>
    public abstract Tensor Forward(Workspace workspace, Tensor input);

    /// <summary>
    /// After <see cref="Forward"/> in the same workspace: adds to the workspace's parameter gradients and returns the input gradient asked
    /// for, which belongs to the workspace. <paramref name="outputGrad"/> is taken before <see cref="OutputActivation"/>.
    /// </summary>
    public abstract Tensor? Backward(Workspace workspace, Tensor outputGrad, InputGrad wanted);

    /// <summary>
    /// Whether the map this layer hands on, and those within it, fill vectors with their channels: then host keeps pictures channels last,
    /// otherwise in planes.
    /// </summary>
    internal virtual bool FillsVectors => true;

    /// <summary>Appends this layer's ops for the streaming executor of the host backend, reading the newest map; false if it cannot stream, and <paramref name="graph"/> is useless then.</summary>
    internal virtual bool TryStream(ParameterStore parameters, Algorithm algorithm, RowGraph graph) => false;

    /// <summary>Appends this layer, padded as for whole pictures, to an ONNX graph; takes and returns the name of a value.</summary>
    /// <exception cref="NotSupportedException">The layer has no ONNX form.</exception>
    public virtual string Export(OnnxGraph graph, string input) => throw new NotSupportedException($"{GetType().Name} has no ONNX form");

    /// <summary>Brings tensors derived from the parameters up to date; once after each change of the parameters, before the passes.</summary>
    public virtual void Prepare(ParameterStore parameters) { }
}
