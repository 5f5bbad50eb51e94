using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>The pages of a TIFF file: which there are, and how files of one page become one of several.</summary>
internal static class TiffPages
{
    private const ushort SubfileType = 254, StripOffsets = 273, TileOffsets = 324;
    private const int ReducedCopy = 1;

    /// <summary>Where the directories of all pages are.</summary>
    public static IReadOnlyList<long> Places(Stream file) => TiffDirectoryReader.Of(file)?.Pages() ?? [];

    /// <summary>The numbers, from 1, of the pages that are no smaller copies of others, as viewers and scanners add them.</summary>
    public static IReadOnlyList<int> Numbers(Stream file)
    {
        if (TiffDirectoryReader.Of(file) is not { } reader) return [1];
        var places = reader.Pages();
        List<int> numbers = [.. Enumerable.Range(1, places.Count).Where(n => !IsCopy(places[n - 1]))];
        return numbers.Count > 0 ? numbers : [1];

        bool IsCopy(long place) =>
            reader.Read(place, new HashSet<ushort> { SubfileType }, depth: 0).Fields.TryGetValue(SubfileType, out var type) && type.Number is { } bits && ((int)bits & ReducedCopy) != 0;
    }

    /// <summary>Adds a finished file of one page behind the pages of another, both little-endian and with places of the same size.</summary>
    public static void Append(Stream file, Stream page)
    {
        var (reader, added) = (TiffDirectoryReader.Of(file)!, TiffDirectoryReader.Of(page)!);
        if (reader.IsBig != added.IsBig) throw new InvalidOperationException("pages of TIFF and of BigTIFF");
        var last = reader.LinkOf(reader.Pages()[^1])!.Value;
        var start = file.Seek(0, SeekOrigin.End);
        start += start & 1;
        var place = added.IsBig ? sizeof(long) : sizeof(uint);
        if (!added.IsBig && start + page.Length > uint.MaxValue) throw new InvalidOperationException("pages of more than 4 GiB in a small TIFF");
        file.Position = start;
        page.Position = 0;
        page.CopyTo(file);
        Move(start + added.First);
        TiffDirectory.PointTo(start + added.First, file, last, place);

        // Every place that the page says was counted from its own start.
        void Move(long directory)
        {
            var countBytes = added.IsBig ? sizeof(long) : sizeof(ushort);
            for (long entry = directory + countBytes, end = entry + (Number(directory, countBytes) * (4 + (2 * place))); entry < end; entry += 4 + (2 * place))
            {
                var (tag, type, count, value) = ((ushort)Number(entry, 2), (ushort)Number(entry + 2, 2), Number(entry + 4, place), entry + 4 + place);
                var size = TiffField.SizeOf(type);
                if (count * size > place) value = Shift(value, place);
                if (tag is StripOffsets or TileOffsets)
                    for (var i = 0; i < count; i++) Shift(value + (i * size), size);
                if (tag is TiffDirectory.Exif or TiffDirectory.Gps or TiffDirectory.Interoperability) Move(Shift(value, size));
            }
        }

        long Shift(long at, int bytes)
        {
            var moved = Number(at, bytes) + start;
            TiffDirectory.PointTo(moved, file, at, bytes);
            return moved;
        }

        long Number(long at, int bytes)
        {
            Span<byte> number = stackalloc byte[sizeof(long)];
            number.Clear();
            file.Position = at;
            file.ReadExactly(number[..bytes]);
            return BinaryPrimitives.ReadInt64LittleEndian(number);
        }
    }
}
