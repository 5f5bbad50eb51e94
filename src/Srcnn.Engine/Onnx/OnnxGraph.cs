using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Onnx;

/// <summary>The nodes of a network in ONNX's terms, written by its ops. Values go by names; every method returns the name of what it makes.</summary>
internal sealed class OnnxGraph : INodeWriter
{
    // Numbers of the fields of GraphProto, NodeProto, AttributeProto and TensorProto, and of two element types.
    private const int Node = 1, Initializer = 5, Float = 1, Byte = 2, Int64 = 7;

    private readonly ProtoWriter graph = new();
    private readonly Dictionary<string, NamedTensor> tensors;
    private int made;

    public OnnxGraph(IEnumerable<NamedTensor> tensors) => this.tensors = tensors.ToDictionary(t => t.Name);

    /// <inheritdoc/>
    public string Weight(Parameter parameter, params int[] shape)
    {
        var tensor = tensors[parameter.Name];
        var message = new ProtoWriter();
        foreach (var extent in shape.Length > 0 ? shape : tensor.Shape) message.Number(1, extent);
        graph.Message(Initializer, message.Number(2, Float).Text(8, tensor.Name).Floats(9, tensor.Values));
        return tensor.Name;
    }

    /// <inheritdoc/>
    public string Constant(params long[] values)
    {
        var name = $"constant{++made}";
        graph.Message(Initializer, new ProtoWriter().Number(1, values.Length).Number(2, Int64).Text(8, name).Longs(9, values));
        return name;
    }

    /// <inheritdoc/>
    public string Constant(float[] values, params int[] shape)
    {
        var name = $"constant{++made}";
        var message = new ProtoWriter();
        foreach (var extent in shape) message.Number(1, extent);
        graph.Message(Initializer, message.Number(2, Float).Text(8, name).Floats(9, values));
        return name;
    }

    /// <inheritdoc/>
    public string Add(string type, IEnumerable<string> inputs, params (string Name, object Value)[] attributes)
    {
        var output = $"{type.ToLowerInvariant()}{++made}";
        var node = new ProtoWriter();
        foreach (var input in inputs) node.Text(1, input);
        node.Text(2, output).Text(3, output).Text(4, type);
        foreach (var (name, value) in attributes) node.Message(5, Attribute(name, value));
        graph.Message(Node, node);
        return output;
    }

    /// <summary>8-bit samples as floats.</summary>
    internal string FromBytes(string input) => Add("Cast", [input], ("to", Float));

    /// <summary>Values in units of a sample, clipped and rounded half up, as 8-bit samples.</summary>
    internal string ToBytes(string input)
    {
        var rounded = Add("Floor", [Add("Add", [input, Constant([0.5f])])]);
        return Add("Cast", [Add("Clip", [rounded, Constant([0f]), Constant([(float)byte.MaxValue])])], ("to", Byte));
    }

    /// <summary>Rows, columns or channels [start, end) of an axis; beyond an end is its end, and negative ends count from there.</summary>
    internal string Slice(string input, int axis, long start, long end, long step = 1) =>
        Add("Slice", [input, Constant(start), Constant(end), Constant(axis), Constant(step)]);

    /// <summary>The whole graph as a GraphProto.</summary>
    /// <param name="ofBytes">Whether input and output are 8-bit samples instead of floats.</param>
    internal ProtoWriter Finish(string name, string input, string output, int channels, bool ofBytes = false)
    {
        var result = Add("Identity", [output]);
        return graph.Text(2, name)
            .Message(11, Picture(input, channels, "height", "width", ofBytes))
            .Message(12, Picture(result, channels, "outputHeight", "outputWidth", ofBytes));
    }

    private static ProtoWriter Picture(string name, int channels, string height, string width, bool ofBytes)
    {
        static ProtoWriter Free(string axis) => new ProtoWriter().Text(2, axis);
        var shape = new ProtoWriter()
            .Message(1, Free("batch")).Message(1, new ProtoWriter().Number(1, channels)).Message(1, Free(height)).Message(1, Free(width));
        var tensor = new ProtoWriter().Number(1, ofBytes ? Byte : Float).Message(2, shape);
        return new ProtoWriter().Text(1, name).Message(2, new ProtoWriter().Message(1, tensor));
    }

    private static ProtoWriter Attribute(string name, object value)
    {
        const int Single = 1, Integer = 2, String = 3, Integers = 7;
        var attribute = new ProtoWriter().Text(1, name);
        switch (value)
        {
            case int number: return attribute.Number(3, number).Number(20, Integer);
            case float number: return attribute.Single(2, number).Number(20, Single);
            case string text: return attribute.Text(4, text).Number(20, String);
            case int[] numbers:
                foreach (var number in numbers) attribute.Number(8, number);
                return attribute.Number(20, Integers);
            default: throw new ArgumentException($"attribute {name} is a {value.GetType().Name}; expected a number, several whole ones, or a text", nameof(value));
        }
    }
}
