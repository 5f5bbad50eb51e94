namespace Srcnn.Kernels;

/// <summary>
/// An op of a network: a stateless description of what it makes of its inputs, and how. Whoever runs a network goes over its maps and asks each op the
/// same questions; nobody asks which op it is. It may run in several workspaces at once.
/// </summary>
public abstract class Op
{
    /// <summary>Passes, as profiles call them.</summary>
    private protected const string ForwardPass = "forward", WeightPass = "weight gradient", InputPass = "input gradient";

    /// <summary>What profiles call it: "conv1".</summary>
    public abstract string Name { get; }

    /// <summary>Its tensors, in file order.</summary>
    public virtual IEnumerable<Parameter> Parameters => [];

    /// <summary>Output pixels per input pixel, each way.</summary>
    public virtual int Scale => 1;

    /// <summary>Input pixels, on each side, that one output pixel depends on.</summary>
    public virtual int Radius => 0;

    /// <summary>Whether the output came out of a ReLU: the gradient before it is then zero where the output is not positive.</summary>
    public virtual bool EndsInRelu => false;

    /// <summary>Whether its passes need to know the whole batch in training (<see cref="Collect"/>).</summary>
    public virtual bool NeedsBatch => false;

    /// <summary>Channels of the output for inputs of so many.</summary>
    public abstract int Channels(IReadOnlyList<int> inputs);

    /// <summary>Shape of the output. On sides that are none of <paramref name="edges"/> nothing is padded, and the output loses what depends on pixels that are not there.</summary>
    /// <exception cref="ShapeException">An input does not fit.</exception>
    public virtual Shape Output(Edges edges, IReadOnlyList<Shape> inputs) => inputs[0];

    /// <summary>Floating-point operations for an output of that shape, a multiply–add counted as two.</summary>
    public virtual double Flops(Shape output) => 0;

    /// <summary>
    /// This op and <paramref name="next"/>, which alone reads its output, as one; null where they stay two. In <paramref name="training"/> only where the
    /// backward pass needs nothing of what lies between.
    /// </summary>
    internal virtual Op? Fuse(Op next, bool training) => null;

    /// <summary>Brings tensors derived from the parameters up to date; once after each change of the parameters, before the passes.</summary>
    /// <param name="parameters">The network's.</param>
    /// <param name="training">Whether backward passes follow.</param>
    public virtual void Prepare(ParameterStore parameters, bool training) { }

    /// <summary>
    /// Before <see cref="Forward"/>, if that needs to know the whole batch: what this part of it tells, which must then be merged with that of the others.
    /// Null for all other ops.
    /// </summary>
    internal virtual Tensor? Collect(in OpRun run) => null;

    /// <summary>The same before <see cref="Backward"/>.</summary>
    internal virtual Tensor? CollectGrad(in OpRun run) => null;

    /// <summary>Takes what another part of a batch told into <paramref name="statistics"/>.</summary>
    internal virtual void Merge(IBackend backend, Tensor other, Tensor statistics) => throw new NotSupportedException($"{Name} collects nothing");

    /// <summary>Keeps what a whole batch told in parameters that are not trained.</summary>
    internal virtual void Track(ParameterStore parameters, Tensor statistics) { }

    /// <summary>Computes the output.</summary>
    public abstract void Forward(in OpRun run);

    /// <summary>After <see cref="Forward"/>: adds to the parameters' gradients and gives the input gradients that are wanted. The output's gradient is taken before its ReLU, if it ends in one.</summary>
    public virtual void Backward(in OpRun run) => throw new NotSupportedException($"{Name} has no backward pass");

    /// <summary>Appends its ops for the streaming executor of the host backend; the last one makes its output. False if it cannot stream.</summary>
    /// <param name="rows">Where to.</param>
    /// <param name="inputs">The maps it reads.</param>
    internal virtual bool TryStream(RowBuild rows, int[] inputs) => false;

    /// <summary>Appends this op, padded as for whole pictures, to an ONNX graph; takes and returns names of values.</summary>
    /// <exception cref="NotSupportedException">It has no ONNX form.</exception>
    public virtual string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => throw new NotSupportedException($"{Name} has no ONNX form");
}

/// <summary>What streaming ops are built from.</summary>
internal sealed record RowBuild(RowGraph Graph, ParameterStore Parameters, Algorithm Algorithm);

/// <summary>Takes the nodes of an ONNX graph. Values go by names; every method returns the name of what it makes.</summary>
public interface INodeWriter
{
    /// <summary>The value of a parameter, in the file's shape or another of as many elements.</summary>
    string Weight(Parameter parameter, params int[] shape);

    /// <summary>A constant vector of whole numbers.</summary>
    string Constant(params long[] values);

    /// <summary>A constant of floats in the given shape; a number for none.</summary>
    string Constant(float[] values, params int[] shape);

    /// <summary>A node of one output; attributes are numbers, lists of whole ones, or texts.</summary>
    string Add(string type, IEnumerable<string> inputs, params (string Name, object Value)[] attributes);
}

internal static class NodeWriterExtensions
{
    /// <summary>The picture continued outside its borders by its nearest pixels; zeros are left to the convolution itself.</summary>
    public static string Pad(this INodeWriter nodes, string input, Padding padding) =>
        padding.IsNone || padding.Mode == PaddingMode.Zero ? input
        : nodes.Add("Pad", [input, nodes.Constant(0, 0, padding.Top, padding.Left, 0, 0, padding.Bottom, padding.Right)], ("mode", "edge"));
}
