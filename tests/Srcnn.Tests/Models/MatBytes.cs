using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Srcnn.Tests.Models;

/// <summary>Builds MATLAB version 5 files byte by byte, right ones and wrong ones.</summary>
internal sealed class MatBytes(bool bigEndian = false)
{
    public byte[] File(params byte[][] elements)
    {
        var header = new byte[128];
        Encoding.ASCII.GetBytes("MATLAB 5.0 MAT-file, made by a test".PadRight(116)).CopyTo(header, 0);
        if (bigEndian) BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(124), 0x0100);
        else BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(124), 0x0100);
        Encoding.ASCII.GetBytes(bigEndian ? "MI" : "IM").CopyTo(header, 126);
        return [.. header, .. elements.SelectMany(e => e)];
    }

    public byte[] Element(int type, byte[] data) => [.. UInt(type), .. UInt(data.Length), .. data, .. new byte[-data.Length & 7]];

    /// <summary>Up to four bytes inside the header of the element.</summary>
    public byte[] Small(int type, byte[] data) => [.. UInt((data.Length << 16) | type), .. data, .. new byte[4 - data.Length]];

    public static byte[] Compressed(byte[] element)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) zlib.Write(element);
        return [15, 0, 0, 0, .. BitConverter.GetBytes((int)packed.Length), .. packed.ToArray()];
    }

    public byte[] Matrix(int matlabClass, string name, int[] dims, params byte[][] parts) => Element(14,
    [
        .. Element(6, [.. UInt(matlabClass), .. UInt(0)]), .. Element(5, Ints(dims)), .. Element(1, Encoding.ASCII.GetBytes(name)), .. parts.SelectMany(p => p),
    ]);

    public byte[] Doubles(string name, int[] dims, params double[] values) =>
        Matrix(6, name, dims, Element(9, [.. values.SelectMany(v => Order(BitConverter.GetBytes(v)))]));

    public byte[] Ints(params int[] values) => [.. values.SelectMany(UInt)];

    public byte[] Order(byte[] littleEndian) => bigEndian ? [.. littleEndian.Reverse()] : littleEndian;

    private byte[] UInt(int value) => Order(BitConverter.GetBytes(value));
}
