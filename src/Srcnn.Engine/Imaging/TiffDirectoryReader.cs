using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>Reads directories of a TIFF or BigTIFF file, or of EXIF, in either byte order. What is broken or longer than any such value is left out.</summary>
internal sealed class TiffDirectoryReader
{
    private const int MostEntries = 1000, MostBytes = 8 << 20, MostPages = 10_000;

    private long room = 4L * MostBytes;

    private readonly Stream stream;
    private readonly bool little;

    private TiffDirectoryReader(Stream stream, ReadOnlySpan<byte> start)
    {
        this.stream = stream;
        little = start[0] == (byte)'I';
        IsBig = Number(start[2..4]) == 43;
        FirstPlace = IsBig ? 8 : 4;
        First = Number(start.Slice(FirstPlace, Place));
    }

    /// <summary>Whether places are of 8 bytes.</summary>
    public bool IsBig { get; }

    /// <summary>Where the file says where its first directory is.</summary>
    public int FirstPlace { get; }

    /// <summary>Where its first directory is.</summary>
    public long First { get; }

    private int Place => IsBig ? sizeof(long) : sizeof(uint);

    /// <summary>Null where the stream does not begin as a TIFF.</summary>
    public static TiffDirectoryReader? Of(Stream stream)
    {
        Span<byte> start = stackalloc byte[16];
        stream.Position = 0;
        start = start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        return start.Length == 16 && ImageFormats.FromContent(start) == ImageFormat.Tiff ? new TiffDirectoryReader(stream, start) : null;
    }

    /// <summary>The directory at <paramref name="place"/>, and EXIF's below it.</summary>
    /// <param name="wanted">Which of its tags; null for all.</param>
    /// <param name="depth">How far below it: EXIF goes two down, a lie would go on.</param>
    public TiffDirectory Read(long place, IReadOnlySet<ushort>? wanted = null, int depth = 2)
    {
        var directory = new TiffDirectory();
        foreach (var entry in Entries(place))
        {
            var (tag, type) = ((ushort)Number(entry.AsSpan(0, 2)), (ushort)Number(entry.AsSpan(2, 2)));
            var count = Number(entry.AsSpan(4, Place));
            var value = entry.AsSpan(4 + Place, Place);
            if (directory.Has(tag)) continue;
            if (tag is TiffDirectory.Exif or TiffDirectory.Gps or TiffDirectory.Interoperability)
            {
                if (depth > 0 && Read(Number(value), depth: depth - 1) is { IsEmpty: false } below) directory.Directories.Add(tag, below);
            }
            else if (wanted?.Contains(tag) != false && Value(type, count, value) is { } bytes) directory.Fields.Add(tag, new TiffField(type, count, bytes));
        }
        return directory;
    }

    /// <summary>Where the directories of the pages are, in their order; a chain that comes back to itself ends there.</summary>
    public IReadOnlyList<long> Pages()
    {
        List<long> places = [];
        for (var place = First; place > 0 && places.Count < MostPages && !places.Contains(place);)
        {
            places.Add(place);
            place = LinkOf(place) is { } link && Bytes(link, Place) is { } next ? Number(next) : 0;
        }
        return places;
    }

    /// <summary>Where a directory says where the next one is; null where it cannot be read.</summary>
    public long? LinkOf(long place)
    {
        var countBytes = IsBig ? sizeof(long) : sizeof(ushort);
        return Bytes(place, countBytes) is { } stored && Number(stored) is var count and > 0 and <= MostEntries ? place + countBytes + (count * (4L + (2 * Place))) : null;
    }

    /// <summary>Where the file has the value of a tag, or where that is; null where the directory has none.</summary>
    public long? ValueAt(long place, ushort tag)
    {
        var index = Entries(place).ToList().FindIndex(entry => Number(entry.AsSpan(0, 2)) == tag);
        return index < 0 ? null : place + (IsBig ? sizeof(long) : sizeof(ushort)) + (index * (4L + (2 * Place))) + 4 + Place;
    }

    /// <summary>The entries of a directory as they are stored.</summary>
    public IReadOnlyList<byte[]> Entries(long place)
    {
        var countBytes = IsBig ? sizeof(long) : sizeof(ushort);
        if (Bytes(place, countBytes) is not { } stored || Number(stored) is < 0 or > MostEntries) return [];
        var length = 4 + (2 * Place);
        return Bytes(place + countBytes, (int)Number(stored) * length) is { } entries ? [.. entries.Chunk(length)] : [];
    }

    private byte[]? Value(ushort type, long count, ReadOnlySpan<byte> value)
    {
        var size = TiffField.SizeOf(type);
        if (size == 0 || count < 0 || count > MostBytes / size) return null;
        var length = (int)count * size;
        var bytes = length <= Place ? value[..length].ToArray() : Bytes(Number(value), length);
        var numberSize = type is 5 or 10 ? 4 : size; // a ratio is two numbers
        if (bytes is not null && !little)
            for (var at = 0; at < length; at += numberSize) Array.Reverse(bytes, at, numberSize);
        return bytes;
    }

    private byte[]? Bytes(long place, int length)
    {
        if (place <= 0 || place > stream.Length - length || (room -= length) < 0) return null;
        var bytes = new byte[length];
        stream.Position = place;
        stream.ReadExactly(bytes);
        return bytes;
    }

    private long Number(ReadOnlySpan<byte> bytes) => (bytes.Length, little) switch
    {
        (2, true) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, false) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (4, true) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (4, false) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        (_, true) => BinaryPrimitives.ReadInt64LittleEndian(bytes),
        (_, false) => BinaryPrimitives.ReadInt64BigEndian(bytes),
    };
}
