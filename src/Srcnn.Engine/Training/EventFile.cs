using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Srcnn.Engine.Files;

namespace Srcnn.Engine.Training;

/// <summary>
/// A file of scalars that TensorBoard reads: records of [length, masked CRC-32C of it, event, masked CRC-32C of that], where an event is the
/// few fields of tensorboard's event.proto and summary.proto that a scalar needs.
/// </summary>
internal static class EventFile
{
    // Keys of protocol buffers: field number times eight plus wire type.
    private const byte WallTime = 0x09, Step = 0x10, FileVersion = 0x1A, Summary = 0x2A, Value = 0x0A, Tag = 0x0A, SimpleValue = 0x15;

    /// <summary>Bytes of a record besides its event.</summary>
    private const int Framing = 16;

    private const int LengthBytes = 12;

    /// <summary>Appends the values of one step; a new file begins with the version TensorBoard asks for.</summary>
    public static void Append(string path, int step, IEnumerable<(string Tag, double Value)> scalars)
    {
        using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
        if (stream.Position == 0) stream.Write(Record([.. Time(), .. Field(FileVersion, "brain.Event:2"u8)]));
        var values = scalars.SelectMany(s => Field(Value, [.. Field(Tag, Encoding.UTF8.GetBytes(s.Tag)), SimpleValue, .. BitConverter.GetBytes((float)s.Value)]));
        stream.Write(Record([.. Time(), Step, .. Varint((ulong)step), .. Field(Summary, [.. values])]));
    }

    /// <summary>Cuts the file behind <paramref name="step"/>, and before a record that a crash cut short: TensorBoard would read no further.</summary>
    public static void Truncate(string path, int step)
    {
        if (!File.Exists(path)) return;
        var bytes = File.ReadAllBytes(path);
        var kept = 0;
        while (EventAt(bytes, kept) is { } length && StepOf(bytes.AsSpan(kept + LengthBytes, length)) <= (ulong)step) kept += length + Framing;
        AtomicFile.Write(path, stream => stream.Write(bytes.AsSpan(0, kept)));
    }

    private static int? EventAt(byte[] bytes, int at)
    {
        if (bytes.Length - at < Framing) return null;
        var length = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
        if (length > (ulong)(bytes.Length - at - Framing)) return null;
        var sound = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + LengthBytes + (int)length)) == Checksum(bytes.AsSpan(at + LengthBytes, (int)length));
        return sound ? (int)length : null;
    }

    // The fields are in the order in which Append writes them; the version has no step.
    private static ulong StepOf(ReadOnlySpan<byte> content)
    {
        var at = 1 + sizeof(double);
        if (content[at++] != Step) return 0;
        var (step, shift) = (0UL, 0);
        do
        {
            step |= (content[at] & 0x7FUL) << shift;
            shift += 7;
        }
        while ((content[at++] & 0x80) != 0);
        return step;
    }

    private static byte[] Record(byte[] content)
    {
        var length = BitConverter.GetBytes((ulong)content.Length);
        return [.. length, .. BitConverter.GetBytes(Checksum(length)), .. content, .. BitConverter.GetBytes(Checksum(content))];
    }

    private static IEnumerable<byte> Time() => [WallTime, .. BitConverter.GetBytes((DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds)];

    private static byte[] Field(byte key, ReadOnlySpan<byte> content) => [key, .. Varint((ulong)content.Length), .. content];

    private static IEnumerable<byte> Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7) yield return (byte)(value | 0x80);
        yield return (byte)value;
    }

    /// <summary>CRC-32C, rotated and shifted as the record format asks, so that checksums of checksums stay safe.</summary>
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = ~0u;
        foreach (var value in bytes) crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
