using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Srcnn.Engine.Files;

namespace Srcnn.Engine.Models;

/// <summary>
/// Named tensors and a map of strings in the safetensors format: eight bytes of header length, a JSON header, values.
/// Nothing in such a file is ever executed, and the reader believes nothing it has not checked.
/// </summary>
public sealed class SafetensorsFile
{
    internal const string MetadataKey = "__metadata__";

    private static readonly JsonWriterOptions HeaderOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, NamedTensor> byName;

    /// <summary>Takes the tensors in the order in which the file holds them; nothing is copied.</summary>
    /// <exception cref="ArgumentException">Two tensors share a name, or a shape and its values disagree.</exception>
    public SafetensorsFile(IReadOnlyList<NamedTensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        byName = new Dictionary<string, NamedTensor>(tensors.Count);
        foreach (var tensor in tensors)
        {
            if (NamedTensor.Count(tensor.Shape) != tensor.Values.Length)
                throw new ArgumentException($"tensor {tensor.Name}: shape {tensor.ShapeText} does not hold {tensor.Values.Length} values", nameof(tensors));
            if (tensor.Name == MetadataKey || !byName.TryAdd(tensor.Name, tensor))
                throw new ArgumentException($"tensor {tensor.Name}: the name is taken", nameof(tensors));
        }
        Tensors = tensors;
        Metadata = metadata ?? new Dictionary<string, string>();
    }

    /// <summary>The tensors in the order of their values in the file.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>The strings under <c>__metadata__</c>; empty if the file has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>The tensor of that name, or null.</summary>
    public NamedTensor? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Reads and checks a whole file. F64, F16, BF16 and I8 become float.</summary>
    /// <exception cref="ModelException">The file is missing, unreadable, not safetensors, or lies about its content.</exception>
    public static SafetensorsFile Load(string path)
    {
        using var stream = ModelStream.Open(path);
        return Read(stream, path);
    }

    /// <summary>Reads a seekable stream from its position to its end; <paramref name="name"/> is what messages call it.</summary>
    /// <exception cref="ModelException">As for <see cref="Load"/>.</exception>
    public static SafetensorsFile Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        try
        {
            return new SafetensorsReader(stream, name).Read();
        }
        catch (IOException e)
        {
            throw ModelStream.Unreadable(name, e);
        }
    }

    /// <summary>Writes the file whole or not at all. The same content gives the same bytes.</summary>
    /// <exception cref="IOException">The place cannot be written; what was there before is untouched.</exception>
    /// <exception cref="ModelException">A value is NaN or infinite: no reader would take the file back.</exception>
    public void Save(string path)
    {
        foreach (var tensor in Tensors)
        {
            if (tensor.FirstNonFinite() is >= 0 and var index)
                throw new ModelException(path, $"value {index} of {ModelException.Quote(tensor.Name)} is {tensor.Values[index]}",
                    "only finite weights are saved", "train again with a lower learning rate");
        }
        AtomicFile.Write(path, Write);
    }

    /// <summary>Writes values as their <see cref="NamedTensor.Type"/> in the order of <see cref="Tensors"/>, metadata sorted by key, the header padded to 8 bytes.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var header = Header();
        var padding = -header.Length & 7;
        var buffer = new byte[64 * 1024];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, header.Length + padding);
        stream.Write(buffer, 0, sizeof(long));
        stream.Write(header);
        buffer.AsSpan(0, padding).Fill((byte)' ');
        stream.Write(buffer, 0, padding);
        foreach (var tensor in Tensors)
        for (var done = 0; done < tensor.Values.Length;)
        {
            var size = BytesPerValue(tensor.Type);
            var count = Math.Min(tensor.Values.Length - done, buffer.Length / size);
            Encode(tensor.Type, tensor.Values.AsSpan(done, count), buffer);
            stream.Write(buffer, 0, count * size);
            done += count;
        }
    }

    /// <summary>The same with a checksum of the whole file in its metadata, which whoever reads it verifies.</summary>
    /// <param name="stream">Seekable and readable; at its end.</param>
    public void WriteChecked(Stream stream)
    {
        var start = stream.Position;
        var blank = new string('0', SafetensorsChecksum.Digits);
        new SafetensorsFile(Tensors, new Dictionary<string, string>(Metadata) { [SafetensorsChecksum.Key] = blank }).Write(stream);
        SafetensorsChecksum.Seal(stream, start);
    }

    private static int BytesPerValue(TensorType type) => type switch { TensorType.F32 => 4, TensorType.F16 => 2, _ => 1 };

    private static void Encode(TensorType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (var i = 0; i < values.Length; i++)
        {
            switch (type)
            {
                case TensorType.F32: BinaryPrimitives.WriteSingleLittleEndian(bytes[(4 * i)..], values[i]); break;
                case TensorType.F16: BinaryPrimitives.WriteHalfLittleEndian(bytes[(2 * i)..], (Half)values[i]); break;
                default: bytes[i] = unchecked((byte)(sbyte)values[i]); break;
            }
        }
    }

    private byte[] Header()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, HeaderOptions))
        {
            json.WriteStartObject();
            if (Metadata.Count > 0)
            {
                json.WriteStartObject(MetadataKey);
                foreach (var (key, value) in Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(key, value);
                json.WriteEndObject();
            }
            var offset = 0L;
            foreach (var tensor in Tensors)
            {
                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", tensor.Type.ToString());
                WriteNumbers(json, "shape", tensor.Shape.Select(size => (long)size));
                WriteNumbers(json, "data_offsets", [offset, offset += tensor.Values.Length * (long)BytesPerValue(tensor.Type)]);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, IEnumerable<long> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
