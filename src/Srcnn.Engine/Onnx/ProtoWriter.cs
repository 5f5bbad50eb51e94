using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Srcnn.Engine.Onnx;

/// <summary>Writes the fields of one protocol-buffer message: the few kinds that ONNX needs.</summary>
internal sealed class ProtoWriter
{
    private readonly ArrayBufferWriter<byte> bytes = new();

    /// <summary>The message so far.</summary>
    public ReadOnlySpan<byte> Written => bytes.WrittenSpan;

    /// <summary>An integer or enumeration.</summary>
    public ProtoWriter Number(int field, long value)
    {
        Varint(((ulong)field << 3) | 0);
        Varint((ulong)value);
        return this;
    }

    /// <summary>A float32.</summary>
    public ProtoWriter Single(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        bytes.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<float>(in value)));
        return this;
    }

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>Little-endian float32s as one run of bytes.</summary>
    public ProtoWriter Floats(int field, ReadOnlySpan<float> values) => Bytes(field, MemoryMarshal.AsBytes(values));

    /// <summary>Little-endian int64s as one run of bytes.</summary>
    public ProtoWriter Longs(int field, ReadOnlySpan<long> values) => Bytes(field, MemoryMarshal.AsBytes(values));

    /// <summary>A message within.</summary>
    public ProtoWriter Message(int field, ProtoWriter message) => Bytes(field, message.Written);

    private ProtoWriter Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        bytes.Write(value);
        return this;
    }

    // Seven bits a byte, the lowest first; a set top bit says that more follow.
    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) bytes.Write([(byte)(value | 0x80)]);
        bytes.Write([(byte)value]);
    }
}
