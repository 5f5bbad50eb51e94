using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Unicode;

namespace Srcnn.Engine.Models;

/// <summary>
/// Reads safetensors from files nobody vouches for: every number in the header is checked against the file before
/// anything is allocated by it, so memory stays below twice the file's size, or four times where values of one byte become floats. Each kind of lie has its own message.
/// </summary>
internal sealed class SafetensorsReader(Stream stream, string file)
{
    // The format's own limit on the header; the other two bound what a header of that size could make us allocate.
    private const int MaxHeaderBytes = 100_000_000;
    private const int MaxMetadataBytes = 1 << 20;
    private const int MaxTensors = 4096;

    private const string Advice = "get the file again from where it was made";

    private readonly List<Entry> entries = [];
    private readonly Dictionary<string, string> metadata = [];

    private sealed record Entry(string Name, string Type, int[] Shape, long Begin, long End)
    {
        public int Count { get; } = (int)NamedTensor.Count(Shape)!.Value;
    }

    public SafetensorsFile Read()
    {
        var start = stream.Position;
        Layout(ReadHeader());
        if (metadata.TryGetValue(SafetensorsChecksum.Key, out var digits) && !SafetensorsChecksum.Holds(stream, start, digits))
        {
            throw new ModelException(
                file, "the checksum does not match", "expected the file as it was written", "it is damaged; take another one, such as the checkpoint before");
        }
        var buffer = new byte[64 * 1024];
        return new SafetensorsFile([.. entries.Select(entry => ReadTensor(entry, buffer))], metadata);
    }

    /// <summary>Fills <see cref="entries"/> and <see cref="metadata"/>; returns the number of bytes behind the header.</summary>
    private long ReadHeader()
    {
        var length = stream.Length - stream.Position;
        if (length < 8) throw Refuse($"{length} bytes", "a safetensors file begins with eight bytes of header length");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderBytes)
            throw Refuse($"a header of {headerLength} bytes is announced", $"at most {MaxHeaderBytes} are allowed; this is hardly a safetensors file");
        if (headerLength > (ulong)(length - 8))
            throw Refuse($"a header of {headerLength} bytes is announced, {length - 8} follow", "the header must lie within the file");
        var header = new byte[headerLength];
        stream.ReadExactly(header);
        if (header.Length == 0 || header[0] != (byte)'{') throw Refuse("the header does not begin with '{'", "a JSON object was expected");
        if (!Utf8.IsValid(header)) throw Refuse("the header is not valid UTF-8", "a JSON object in UTF-8 was expected");
        ParseHeader(header);
        return length - 8 - header.Length;
    }

    private void ParseHeader(ReadOnlySpan<byte> header)
    {
        try
        {
            var json = new Utf8JsonReader(header);
            json.Read();
            var names = new HashSet<string>();
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                if (!names.Add(name)) throw Refuse($"{ModelException.Quote(name)} occurs twice in the header", "every name must be unique");
                if (names.Count > MaxTensors) throw Refuse($"the header names more than {MaxTensors} tensors", "models have far fewer");
                json.Read();
                if (name == SafetensorsFile.MetadataKey) ParseMetadata(ref json);
                else entries.Add(ParseEntry(ref json, name));
            }
            json.Read();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader reports half a surrogate pair as InvalidOperationException, everything else as JsonException.
            throw Refuse("the header is not valid JSON", "a JSON object of tensors was expected", e);
        }
    }

    private void ParseMetadata(ref Utf8JsonReader json)
    {
        if (json.TokenType != JsonTokenType.StartObject) throw BadMetadata();
        var start = json.BytesConsumed;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            if (json.TokenType != JsonTokenType.String) throw BadMetadata();
            if (json.BytesConsumed - start > MaxMetadataBytes)
                throw Refuse($"__metadata__ is longer than {MaxMetadataBytes} bytes", "it describes a model in a few lines");
            if (!metadata.TryAdd(key, json.GetString()!))
                throw Refuse($"{ModelException.Quote(key)} occurs twice in __metadata__", "every key must be unique");
        }
    }

    private ModelException BadMetadata() => Refuse("__metadata__ holds something else than strings", "a map from strings to strings was expected");

    private Entry ParseEntry(ref Utf8JsonReader json, string name)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        if (json.TokenType != JsonTokenType.StartObject) throw Incomplete(name);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            var seen = key switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (seen) throw Refuse($"{ModelException.Quote(key)} occurs twice in tensor {ModelException.Quote(name)}", "every key must be unique");
            switch (key)
            {
                case "dtype" when json.TokenType == JsonTokenType.String: type = json.GetString(); break;
                case "shape": shape = ParseNumbers(ref json, name, 8); break;
                case "data_offsets": offsets = ParseNumbers(ref json, name, 2); break;
                default: throw Refuse($"tensor {ModelException.Quote(name)} has a bad {ModelException.Quote(key)}", "it has a dtype, a shape and data_offsets");
            }
        }
        if (type is null || shape is null || offsets is not { Length: 2 }) throw Incomplete(name);
        return CheckEntry(name, type, shape, offsets[0], offsets[1]);
    }

    private ModelException Incomplete(string name) =>
        Refuse($"tensor {ModelException.Quote(name)} is incomplete", "it has a dtype, a shape and two data_offsets");

    private long[] ParseNumbers(ref Utf8JsonReader json, string name, int most)
    {
        var numbers = new List<long>(4);
        var valid = json.TokenType == JsonTokenType.StartArray;
        while (valid && json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            var number = 0L;
            valid = numbers.Count < most && json.TokenType == JsonTokenType.Number && json.TryGetInt64(out number) && number >= 0;
            numbers.Add(number);
        }
        return valid ? [.. numbers] : throw Refuse($"tensor {ModelException.Quote(name)} has bad numbers in its shape or data_offsets",
            $"at most {most} whole numbers below 2^63 were expected");
    }

    private Entry CheckEntry(string name, string type, long[] shape, long begin, long end)
    {
        var quoted = ModelException.Quote(name);
        var bytes = BytesPerValue(type);
        if (bytes == 0) throw Refuse($"tensor {quoted} has type {ModelException.Quote(type)}", "F32, F64, F16, BF16 and I8 are read");
        var sizes = Array.ConvertAll(shape, size => size <= int.MaxValue ? (int)size : -1);
        if (NamedTensor.Count(sizes) is not { } count || count > Array.MaxLength)
            throw Refuse($"the shape of tensor {quoted} overflows", "a tensor has fewer than 2^31 values");
        if (end < begin) throw Refuse($"tensor {quoted} ends at byte {end}, before it begins at {begin}", "the end must not lie before the beginning");
        if (end - begin != count * bytes)
            throw Refuse($"tensor {quoted} spans {end - begin} bytes", $"its shape and type ask for {count * bytes}");
        return new Entry(name, type, sizes, begin, end);
    }

    /// <summary>Sorts the entries by the place of their values, which must fill the data from its first byte to its last.</summary>
    private void Layout(long dataLength)
    {
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var position = 0L;
        Entry? previous = null;
        foreach (var entry in entries)
        {
            var quoted = ModelException.Quote(entry.Name);
            if (entry.End > dataLength) throw Refuse($"tensor {quoted} ends at byte {entry.End}, the data at {dataLength}", "the file is cut short");
            if (entry.Begin < position)
                throw Refuse($"tensors {ModelException.Quote(previous!.Name)} and {quoted} overlap", "every byte belongs to one tensor");
            if (entry.Begin > position) throw Refuse($"a hole of {entry.Begin - position} bytes lies before tensor {quoted}", "tensors follow each other without holes");
            (position, previous) = (entry.End, entry);
        }
        if (position < dataLength && metadata.ContainsKey(ModelFile.StateKey))
        {
            throw new ModelException(
                file, $"a checkpoint of an earlier version, with {dataLength - position} bytes behind its tensors", "expected one as it is written now",
                "go on with its run by 'srcnn train --output RUN --resume', which writes new ones");
        }
        if (position < dataLength) throw Refuse($"{dataLength - position} bytes follow the last tensor", "the file must end with it");
    }

    private NamedTensor ReadTensor(Entry entry, byte[] buffer)
    {
        var values = new float[entry.Count];
        var size = BytesPerValue(entry.Type);
        for (var done = 0; done < values.Length;)
        {
            var count = Math.Min(values.Length - done, buffer.Length / size);
            var bytes = buffer.AsSpan(0, count * size);
            stream.ReadExactly(bytes);
            Decode(entry.Type, bytes, values.AsSpan(done, count));
            done += count;
        }
        var type = entry.Type switch { "F16" => TensorType.F16, "I8" => TensorType.I8, _ => TensorType.F32 };
        var tensor = new NamedTensor(entry.Name, entry.Shape, values, type);
        return tensor.FirstNonFinite() is >= 0 and var index
            ? throw Refuse($"value {index} of tensor {ModelException.Quote(entry.Name)} is {values[index]}", "weights must be finite")
            : tensor;
    }

    private static int BytesPerValue(string type) => type switch { "F64" => 8, "F32" => 4, "F16" or "BF16" => 2, "I8" => 1, _ => 0 };

    private static void Decode(string type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                "F32" => BinaryPrimitives.ReadSingleLittleEndian(bytes[(4 * i)..]),
                "F64" => (float)BinaryPrimitives.ReadDoubleLittleEndian(bytes[(8 * i)..]),
                "F16" => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes[(2 * i)..]),
                "I8" => unchecked((sbyte)bytes[i]),
                _ => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]) << 16),
            };
        }
    }

    private ModelException Refuse(string found, string expected, Exception? reason = null) => new(file, found, expected, Advice, reason);
}
