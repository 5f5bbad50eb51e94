using System.Runtime.InteropServices;
using System.Text;

namespace Srcnn.Bench.Peers;

/// <summary>Writes a chain of convolutions as an ONNX model of fixed size (input "input", output "output"), in the wire format of protocol buffers.</summary>
internal static class OnnxWriter
{
    private const int FloatType = 1, IntsAttribute = 7, IrVersion = 8, OpsetVersion = 13;

    public static byte[] Write(IReadOnlyList<ConvolutionWeights> layers, int height, int width)
    {
        var graph = new Message();
        var name = "input";
        foreach (var layer in layers)
        {
            var (weight, bias) = ($"{layer.Name}.weight", $"{layer.Name}.bias");
            var last = layer == layers[^1];
            var output = last ? "output" : layer.Name;
            long side = layer.KernelSize, pad = side / 2;
            graph.Add(1, Node("Conv", [name, weight, bias], output, Ints("kernel_shape", side, side), Ints("pads", pad, pad, pad, pad)));
            graph.Add(5, Tensor(weight, layer.Weight, layer.OutChannels, layer.InChannels, side, side));
            graph.Add(5, Tensor(bias, layer.Bias, layer.OutChannels));
            name = output;
            if (last) continue;
            name = $"{layer.Name}.relu";
            graph.Add(1, Node("Relu", [output], name));
        }
        graph.Add(2, "srcnn").Add(11, Value("input", layers[0].InChannels, height, width)).Add(12, Value("output", layers[^1].OutChannels, height, width));
        return new Message().Add(1, IrVersion).Add(2, "Srcnn.Bench.Peers").Add(7, graph).Add(8, new Message().Add(1, "").Add(2, OpsetVersion)).ToArray();
    }

    private static Message Node(string op, string[] inputs, string output, params Message[] attributes)
    {
        var node = new Message();
        foreach (var input in inputs) node.Add(1, input);
        node.Add(2, output).Add(3, output).Add(4, op);
        foreach (var attribute in attributes) node.Add(5, attribute);
        return node;
    }

    private static Message Ints(string name, params ReadOnlySpan<long> values)
    {
        var attribute = new Message().Add(1, name);
        foreach (var value in values) attribute.Add(8, value);
        return attribute.Add(20, IntsAttribute);
    }

    private static Message Tensor(string name, float[] values, params ReadOnlySpan<long> sizes)
    {
        var tensor = new Message();
        foreach (var size in sizes) tensor.Add(1, size);
        return tensor.Add(2, FloatType).Add(8, name).Add(9, MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static Message Value(string name, int channels, int height, int width)
    {
        var shape = new Message();
        foreach (var size in (ReadOnlySpan<long>)[1, channels, height, width]) shape.Add(1, new Message().Add(1, size));
        return new Message().Add(1, name).Add(2, new Message().Add(1, new Message().Add(1, FloatType).Add(2, shape)));
    }

    /// <summary>Fields of a protocol buffer message, in the order added.</summary>
    private sealed class Message
    {
        private const int Varint = 0, LengthDelimited = 2;

        private readonly List<byte> bytes = [];

        public Message Add(int field, long value)
        {
            Number((ulong)((field << 3) | Varint));
            Number((ulong)value);
            return this;
        }

        public Message Add(int field, ReadOnlySpan<byte> value)
        {
            Number((ulong)((field << 3) | LengthDelimited));
            Number((ulong)value.Length);
            bytes.AddRange(value);
            return this;
        }

        public Message Add(int field, string value) => Add(field, Encoding.UTF8.GetBytes(value).AsSpan());

        public Message Add(int field, Message value) => Add(field, value.ToArray().AsSpan());

        public byte[] ToArray() => [.. bytes];

        private void Number(ulong value)
        {
            for (; value >= 128; value >>= 7) bytes.Add((byte)(value | 128));
            bytes.Add((byte)value);
        }
    }
}
