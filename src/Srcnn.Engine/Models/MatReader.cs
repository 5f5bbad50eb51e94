using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Srcnn.Engine.Models;

/// <summary>
/// Reads MATLAB's version 5 format: a tree of elements, each a type, a length and that many bytes. Every length is
/// checked against the bytes that are there before anything is allocated by it; compressed elements may together
/// unpack to 16 times the file plus 1 MiB, far more than weights ever do.
/// </summary>
internal sealed class MatReader
{
    public const int MaxFileBytes = 256 << 20;

    private const int HeaderBytes = 128;
    private const int MaxNesting = 16;
    private const int MatrixType = 14;
    private const int CompressedType = 15;
    private const int ComplexFlag = 0x0800;

    private static readonly string[] Classes =
    [
        "unknown", "cell", "struct", "object", "char", "sparse", "double", "single", "int8", "uint8",
        "int16", "uint16", "int32", "uint32", "int64", "uint64", "function", "opaque",
    ];

    private static ReadOnlySpan<byte> Hdf5 => [0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10];

    private readonly byte[] bytes;
    private readonly string file;
    private readonly bool bigEndian;
    private long inflateBudget;

    /// <summary>Where an element's bytes lie and where the next element begins.</summary>
    private readonly record struct Element(int Type, ReadOnlyMemory<byte> Data, int Next)
    {
        public ReadOnlySpan<byte> Span => Data.Span;
    }

    public MatReader(byte[] bytes, string file)
    {
        (this.bytes, this.file) = (bytes, file);
        inflateBudget = (16L * bytes.Length) + (1 << 20);
        bigEndian = ReadsBigEndian();
    }

    public Dictionary<string, MatValue> Read()
    {
        var variables = new Dictionary<string, MatValue>();
        var body = bytes.AsMemory(HeaderBytes);
        for (var position = 0; position < body.Length;)
        {
            var element = ReadElement(body, position);
            position = element.Next;
            var matrix = element.Type == CompressedType ? Inflate(element.Data) : element;
            if (matrix.Type != MatrixType) throw Broken($"an element of type {matrix.Type} stands where a variable should");
            var (name, value) = ReadMatrix(matrix.Data, 0);
            // MATLAB appends what its objects need as a variable without a name.
            if (name.Length > 0 && !variables.TryAdd(name, value)) throw Broken($"the variable {ModelException.Quote(name)} occurs twice");
        }
        return variables;
    }

    private bool ReadsBigEndian()
    {
        if (bytes.AsSpan().StartsWith(Hdf5) || bytes.AsSpan().StartsWith("MATLAB 7.3"u8))
            throw Refuse("a MATLAB 7.3 (HDF5) file", "version 5 to 7 was expected", "save it in MATLAB with -v7");
        if (bytes.Length >= 20 && bytes.AsSpan(0, 4).Contains((byte)0))
            throw Refuse("no text header, as in MATLAB version 4 files", "version 5 to 7 was expected", "save it in MATLAB with -v7");
        if (bytes.Length < HeaderBytes) throw Broken($"it has {bytes.Length} bytes, the header alone has {HeaderBytes}");
        var big = (bytes[126], bytes[127]) switch
        {
            ((byte)'I', (byte)'M') => false,
            ((byte)'M', (byte)'I') => true,
            _ => throw Refuse("not a MATLAB file", "a .mat file of version 5 to 7 was expected", "check that this is the authors' weight file"),
        };
        var version = big ? BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(124)) : BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(124));
        return version == 0x0100 ? big : throw Refuse($"MATLAB file version 0x{version:x4}", "version 0x0100 was expected", "save it in MATLAB with -v7");
    }

    private Element ReadElement(ReadOnlyMemory<byte> within, int position)
    {
        var rest = within.Length - position;
        if (rest < 8) throw Broken("it is cut short within an element's header");
        var tag = UInt32(within.Span, position);
        if (tag >> 16 is var small and > 0)
        {
            // Up to four bytes are packed into the header itself.
            if (small > 4) throw Broken($"a packed element announces {small} bytes");
            return new Element((int)(tag & 0xffff), within.Slice(position + 4, (int)small), position + 8);
        }
        var length = UInt32(within.Span, position + 4);
        if (length > rest - 8) throw Broken($"an element announces {length} bytes, {rest - 8} follow");
        var end = position + 8 + (int)length;
        // Compressed elements are not padded; the padding of a last element may be missing.
        var next = tag == CompressedType ? end : Math.Min(within.Length, end + (-(int)length & 7));
        return new Element((int)tag, within.Slice(position + 8, (int)length), next);
    }

    private Element Inflate(ReadOnlyMemory<byte> packed)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            var tag = new byte[8];
            zlib.ReadExactly(tag);
            var length = UInt32(tag, 4);
            if (length > inflateBudget) throw Broken($"a compressed element announces {length} bytes, implausibly many for the file");
            inflateBudget -= length;
            // Grows with what really comes out, so that a lie about the length costs nothing.
            var data = new MemoryStream();
            var buffer = new byte[16 * 1024];
            for (int got; (got = zlib.Read(buffer)) > 0;)
            {
                if (data.Length + got > length) throw Broken($"a compressed element holds more than the {length} bytes it announces");
                data.Write(buffer, 0, got);
            }
            if (data.Length < length) throw Broken($"a compressed element announces {length} bytes and holds {data.Length}");
            return new Element((int)UInt32(tag, 0), data.GetBuffer().AsMemory(0, (int)length), 0);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Broken("a compressed element does not unpack", e);
        }
    }

    private (string Name, MatValue Value) ReadMatrix(ReadOnlyMemory<byte> data, int depth)
    {
        if (data.Length == 0) return ("", new MatNumeric([0, 0], []));
        if (depth > MaxNesting) throw Broken($"cells and structures are nested deeper than {MaxNesting}");
        var flags = ReadElement(data, 0);
        if (flags.Type != 6 || flags.Span.Length != 8) throw Broken("a variable has no flags");
        var word = UInt32(flags.Span, 0);
        var matlabClass = (int)(word & 0xff);
        // Opaque objects have no dimensions.
        if (matlabClass == 17) return ("", new MatOther([1, 1], "opaque"));
        var dimensions = ReadElement(data, flags.Next);
        var dims = ReadDims(dimensions);
        var name = ReadElement(data, dimensions.Next);
        var text = Encoding.Latin1.GetString(name.Span);
        var body = data[name.Next..];
        return (text, matlabClass switch
        {
            1 => new MatCell(dims, ReadValues(body, 0, Count(dims, body.Length / 8), depth)),
            2 => ReadStruct(dims, body, depth),
            >= 6 and <= 15 when (word & ComplexFlag) == 0 => new MatNumeric(dims, ReadNumbers(ReadElement(body, 0), dims)),
            >= 6 and <= 15 => new MatOther(dims, "complex"),
            < 18 => new MatOther(dims, Classes[matlabClass]),
            _ => throw Broken($"a variable has the unknown class {matlabClass}"),
        });
    }

    private int[] ReadDims(Element element)
    {
        if (element.Type != 5 || element.Span.Length is < 8 or > 32 || element.Span.Length % 4 != 0) throw Broken("a variable has no dimensions");
        var dims = new int[element.Span.Length / 4];
        for (var i = 0; i < dims.Length; i++)
            dims[i] = UInt32(element.Span, 4 * i) is <= int.MaxValue and var size ? (int)size : throw Broken($"a dimension of {UInt32(element.Span, 4 * i)}");
        return dims;
    }

    /// <summary>The number of elements the dimensions ask for, of which at most <paramref name="most"/> can be there.</summary>
    private int Count(int[] dims, int most) =>
        NamedTensor.Count(dims) is { } count && count <= most ? (int)count : throw Broken($"dimensions {string.Join("x", dims)} ask for more than the file holds");

    private MatValue[] ReadValues(ReadOnlyMemory<byte> body, int position, int count, int depth)
    {
        var values = new MatValue[count];
        for (var i = 0; i < count; i++)
        {
            var element = ReadElement(body, position);
            if (element.Type != MatrixType) throw Broken($"an element of type {element.Type} stands where a cell or field should");
            (values[i], position) = (ReadMatrix(element.Data, depth + 1).Value, element.Next);
        }
        return values;
    }

    private MatStruct ReadStruct(int[] dims, ReadOnlyMemory<byte> body, int depth)
    {
        var lengthElement = ReadElement(body, 0);
        if (lengthElement.Type != 5 || lengthElement.Span.Length != 4) throw Broken("a structure has no field names");
        var length = UInt32(lengthElement.Span, 0);
        var names = ReadElement(body, lengthElement.Next);
        if (length == 0 || names.Span.Length % length != 0) throw Broken("a structure's field names have no common length");
        var fieldCount = names.Span.Length / (int)length;
        var count = Count([fieldCount, .. dims], (body.Length - names.Next) / 8);
        var values = ReadValues(body, names.Next, count, depth);
        var fields = new Dictionary<string, MatValue[]>();
        for (var f = 0; f < fieldCount; f++)
        {
            var name = Encoding.Latin1.GetString(names.Span.Slice(f * (int)length, (int)length)).TrimEnd('\0');
            // Values come element by element, each with all its fields.
            if (!fields.TryAdd(name, [.. values.Where((_, i) => i % fieldCount == f)])) throw Broken($"the field {ModelException.Quote(name)} occurs twice");
        }
        return new MatStruct(dims, fields);
    }

    private double[] ReadNumbers(Element element, int[] dims)
    {
        var span = element.Span;
        var size = element.Type switch { 1 or 2 => 1, 3 or 4 => 2, 5 or 6 or 7 => 4, 9 or 12 or 13 => 8, _ => throw Broken($"numbers stored as type {element.Type}") };
        var count = Count(dims, span.Length / size);
        if (count * (long)size != span.Length) throw Broken($"dimensions {string.Join("x", dims)} do not match {span.Length} bytes of numbers");
        var values = new double[count];
        Span<byte> one = stackalloc byte[8];
        for (var i = 0; i < count; i++)
        {
            span.Slice(i * size, size).CopyTo(one);
            if (bigEndian) one[..size].Reverse();
            values[i] = element.Type switch
            {
                1 => (sbyte)one[0],
                2 => one[0],
                3 => BinaryPrimitives.ReadInt16LittleEndian(one),
                4 => BinaryPrimitives.ReadUInt16LittleEndian(one),
                5 => BinaryPrimitives.ReadInt32LittleEndian(one),
                6 => BinaryPrimitives.ReadUInt32LittleEndian(one),
                7 => BinaryPrimitives.ReadSingleLittleEndian(one),
                9 => BinaryPrimitives.ReadDoubleLittleEndian(one),
                12 => BinaryPrimitives.ReadInt64LittleEndian(one),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(one),
            };
        }
        return values;
    }

    private uint UInt32(ReadOnlySpan<byte> span, int position) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(span[position..]) : BinaryPrimitives.ReadUInt32LittleEndian(span[position..]);

    private ModelException Broken(string found, Exception? reason = null) =>
        new(file, $"broken MATLAB file: {found}", "a whole file was expected", "get it again from where it was published", reason);

    private ModelException Refuse(string found, string expected, string advice) => new(file, found, expected, advice);
}
