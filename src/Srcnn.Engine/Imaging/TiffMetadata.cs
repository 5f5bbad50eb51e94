using System.Buffers.Binary;

namespace Srcnn.Engine.Imaging;

/// <summary>What a page of a TIFF file says beside its pixels: values of its directory, among them EXIF and the directories below it.</summary>
internal static class TiffMetadata
{
    private const ushort Undefined = 7, Byte = 1;
    private const ushort TransferFunction = 301, WhitePoint = 318, Primaries = 319, Xmp = 700, Iptc = 33723, Photoshop = 34377, Icc = 34675;
    private const int TransferLength = 256;

    /// <summary>
    /// What of EXIF stands in the page's own directory, which also has size and layout: description, maker, camera, software, time, artist,
    /// computer, rating, copyright, names of document and page, what Windows calls title, comment, author, keywords and subject, print matching.
    /// </summary>
    private static readonly HashSet<ushort> Spoken =
        [0x010D, 0x010E, 0x010F, 0x0110, 0x011D, 0x0131, 0x0132, 0x013B, 0x013C, 0x4746, 0x4749, 0x8298, 0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, 0xC4A5];

    private static readonly HashSet<ushort> Resolution = [Exif.XResolution, Exif.YResolution, Exif.ResolutionUnit];

    private static readonly HashSet<ushort> Others = [TransferFunction, WhitePoint, Primaries, Xmp, Iptc, Photoshop, Icc];

    /// <param name="file">Any TIFF; what does not begin as one says nothing.</param>
    /// <param name="place">Of the page's directory; null for the first.</param>
    public static ImageMetadata Read(Stream file, long? place = null)
    {
        if (TiffDirectoryReader.Of(file) is not { } reader) return ImageMetadata.Empty;
        var at = place ?? reader.First;
        var fields = reader.Read(at, new HashSet<ushort>([.. Resolution, .. Others]), depth: 0).Fields;
        var exif = reader.Read(at, Spoken);
        return new ImageMetadata(IccProfile.OfSamples(Bytes(Icc)), exif.IsEmpty ? null : Exif.Blob(exif), Bytes(Xmp), Exif.Resolution(fields))
        {
            Photoshop = Bytes(Photoshop) ?? (Bytes(Iptc) is { } records ? PhotoshopResources.OfIptc(records) : null),
            Colors = Colors(fields),
        };

        byte[]? Bytes(ushort tag) => fields.TryGetValue(tag, out var field) && field.Bytes.Length > 0 ? field.Bytes : null;
    }

    /// <summary>Gives a finished little-endian file of one page of pixels alone the metadata: its directory is written once more behind everything, with more in it.</summary>
    public static void Finish(Stream file, ImageInfo info)
    {
        if (TiffDirectoryReader.Of(file) is not { } tiff) return;
        var metadata = info.Metadata;
        var directory = metadata.Exif is { } exif ? OfExif(exif, info) : new TiffDirectory();
        if (metadata.PixelsPerMetre is { } resolution) Exif.Add(resolution, directory);
        if (metadata.Icc is { } icc) Put(Icc, Undefined, icc);
        if (metadata.Colors is { } colors) PutColors(colors, info, directory);
        if (metadata.Xmp is { } xmp) Put(Xmp, Byte, XmpPacket.Fitted(xmp, info.Width, info.Height));
        if (metadata.Photoshop is { } resources)
        {
            if (PhotoshopResources.Iptc(resources) is { } iptc) Put(Iptc, Undefined, iptc);
            if (PhotoshopResources.HasMore(resources)) Put(Photoshop, Byte, resources);
        }
        // The encoder says a resolution even where there is none.
        var stored = tiff.Entries(tiff.First).Where(e => BinaryPrimitives.ReadUInt16LittleEndian(e) is var tag && !directory.Has(tag) && !Resolution.Contains(tag)).ToList();
        TiffDirectory.PointTo(directory.Append(file, tiff.IsBig, stored), file, tiff.FirstPlace, tiff.IsBig ? sizeof(long) : sizeof(uint));

        void Put(ushort tag, ushort type, byte[] bytes) => directory.Fields[tag] = new TiffField(type, bytes.Length, bytes);
    }

    private static TiffDirectory OfExif(byte[] exif, ImageInfo info)
    {
        using var stream = new MemoryStream(Exif.Fitted(exif, info.Width, info.Height));
        return TiffDirectoryReader.Of(stream) is { } blob ? blob.Read(blob.First, Spoken) : new TiffDirectory();
    }

    private static ColorStatement? Colors(SortedDictionary<ushort, TiffField> fields)
    {
        double[] white = Numbers(WhitePoint), primaries = Numbers(Primaries), transfer = Numbers(TransferFunction);
        var colors = new ColorStatement
        {
            Chromaticities = white.Length == 2 && primaries.Length == 6 && white.Concat(primaries).All(v => v is > 0 and < 1) ? [.. white, .. primaries] : null,
            Transfer = transfer.Length is TransferLength or 3 * TransferLength ? [.. transfer.Select(v => (ushort)v)] : null,
        };
        return colors.IsEmpty ? null : colors with { IsOfTiff = true };

        double[] Numbers(ushort tag) => fields.TryGetValue(tag, out var field) ? field.Numbers : [];
    }

    private static void PutColors(ColorStatement colors, ImageInfo info, TiffDirectory directory)
    {
        const int Below = 1_000_000;
        if (colors.Chromaticities is { } points)
        {
            (double, double)[] ratios = [.. points.Select(v => (Math.Round(v * Below), (double)Below))];
            directory.Fields[WhitePoint] = TiffField.Ratios(ratios[..2]);
            directory.Fields[Primaries] = TiffField.Ratios(ratios[2..]);
        }
        // A table of 256 says nothing of 16-bit samples; there a profile has it.
        if (colors.Transfer is { } table && info.BitDepth == 8)
            directory.Fields[TransferFunction] = new TiffField(TiffField.Short, table.Length, [.. table.SelectMany(v => TiffDirectory.Number(v, 2))]);
    }
}
