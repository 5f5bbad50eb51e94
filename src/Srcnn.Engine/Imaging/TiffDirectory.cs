using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>A value of a TIFF directory.</summary>
/// <param name="Type">TIFF's number of it: 2 text, 3 and 4 whole numbers, 5 ratios…</param>
/// <param name="Count">Of its parts.</param>
/// <param name="Bytes">The parts, numbers little-endian.</param>
internal readonly record struct TiffField(ushort Type, long Count, byte[] Bytes)
{
    public const ushort Short = 3, Long = 4, Ratio = 5, Long8 = 16;

    /// <summary>Bytes of a part of a type, 0 for one that TIFF does not have.</summary>
    public static int SizeOf(ushort type) => type switch { 1 or 2 or 6 or 7 => 1, 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, 5 or 10 or 12 or 16 or 17 or 18 => 8, _ => 0 };

    /// <summary>A whole number, or a ratio of two; null for anything else.</summary>
    public double? Number => Numbers is [var number] ? number : null;

    /// <summary>Whole numbers, or ratios of two; none for anything else.</summary>
    public double[] Numbers => Type switch
    {
        Short => [.. Bytes.Chunk(2).Select(b => (double)BinaryPrimitives.ReadUInt16LittleEndian(b))],
        Long => [.. Bytes.Chunk(4).Select(b => (double)BinaryPrimitives.ReadUInt32LittleEndian(b))],
        Ratio => [.. Bytes.Chunk(8).Select(b => (double)BinaryPrimitives.ReadUInt32LittleEndian(b) / BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(4)))],
        _ => [],
    };

    /// <summary>Each given as numerator and denominator.</summary>
    public static TiffField Ratios(params (double Above, double Below)[] ratios) =>
        new(Ratio, ratios.Length, [.. ratios.SelectMany(r => (byte[])[.. TiffDirectory.Number((long)r.Above, 4), .. TiffDirectory.Number((long)r.Below, 4)])]);

    public static TiffField Of(uint number)
    {
        var bytes = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, number);
        return new TiffField(Long, 1, bytes);
    }
}

/// <summary>A directory of TIFF, and of EXIF, which is the same: values by their tags, and the directories that some tags point to.</summary>
internal sealed class TiffDirectory
{
    /// <summary>The tags of the directories below.</summary>
    public const ushort Exif = 0x8769, Gps = 0x8825, Interoperability = 0xA005;

    public SortedDictionary<ushort, TiffField> Fields { get; } = [];

    public SortedDictionary<ushort, TiffDirectory> Directories { get; } = [];

    public bool Has(ushort tag) => Fields.ContainsKey(tag) || Directories.ContainsKey(tag);

    public bool IsEmpty => Fields.Count + Directories.Count == 0;

    /// <summary>Appends values, directories and at last itself to <paramref name="stream"/>, little-endian.</summary>
    /// <param name="big">Whether places are of 8 bytes, as in BigTIFF, and not of 4.</param>
    /// <param name="others">Entries as they are stored, of tags it has not.</param>
    /// <returns>Where it stands.</returns>
    public long Append(Stream stream, bool big, IEnumerable<byte[]> others)
    {
        var place = big ? sizeof(long) : sizeof(uint);
        List<byte[]> entries = [.. others];
        foreach (var (tag, directory) in Directories)
            entries.Add(Entry(tag, big ? TiffField.Long8 : TiffField.Long, 1, Number(directory.Append(stream, big, []), place)));
        foreach (var (tag, field) in Fields)
            entries.Add(Entry(tag, field.Type, field.Count, field.Bytes.Length <= place ? field.Bytes : Number(Put(field.Bytes), place)));
        entries.Sort((a, b) => BinaryPrimitives.ReadUInt16LittleEndian(a).CompareTo(BinaryPrimitives.ReadUInt16LittleEndian(b)));
        // Nothing follows, until another page is linked.
        return Put([.. Number(entries.Count, big ? sizeof(long) : sizeof(ushort)), .. entries.SelectMany(e => e), .. new byte[place]]);

        long Put(byte[] bytes)
        {
            if ((stream.Seek(0, SeekOrigin.End) & 1) == 1) stream.WriteByte(0); // everything begins at an even place
            var at = stream.Position;
            stream.Write(bytes);
            return at;
        }

        byte[] Entry(ushort tag, ushort type, long count, byte[] value) =>
            [.. Number(tag, sizeof(ushort)), .. Number(type, sizeof(ushort)), .. Number(count, place), .. value, .. new byte[place - value.Length]];
    }

    /// <summary>Writes where a directory is.</summary>
    public static void PointTo(long directory, Stream stream, long at, int bytes)
    {
        stream.Position = at;
        stream.Write(Number(directory, bytes));
    }

    /// <summary>The lowest bytes of a number, little-endian.</summary>
    public static byte[] Number(long value, int bytes)
    {
        var all = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(all, value);
        return all[..bytes];
    }
}
