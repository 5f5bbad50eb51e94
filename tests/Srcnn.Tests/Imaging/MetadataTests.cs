using System.Buffers.Binary;
using System.Text;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;
using Image = Srcnn.Engine.Imaging.Image;

namespace Srcnn.Tests.Imaging;

/// <summary>What a file says beside its pixels, from every format to every other one.</summary>
public sealed class MetadataTests : FolderTests
{
    private const ushort Maker = 0x010F, Camera = 0x0110, Artist = 0x013B, ExposureTime = 0x829A, Width = 0xA002, InteroperabilityIndex = 1, Latitude = 2;

    /// <summary>EXIF with a camera, an exposure and a place.</summary>
    internal static byte[] CameraExif => Exif.Blob(Tags());

    private static readonly string[] Formats = ["png", "jpg", "webp", "tif", "bmp"];

    // Which formats have a place for what; libvips' p3 is a profile of RGB samples.
    private static readonly (string Kind, string[] Holders, ImageMetadata Metadata)[] Kinds =
    [
        ("icc", ["png", "jpg", "webp", "tif", "bmp"], new ImageMetadata(Icc: NetVips.Image.ProfileLoad("p3"))),
        ("exif", ["png", "jpg", "webp", "tif"], new ImageMetadata(Exif: CameraExif)),
        ("xmp", ["png", "jpg", "webp", "tif"], new ImageMetadata(Xmp: "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"u8.ToArray())),
        ("resolution", ["png", "jpg", "webp", "tif", "bmp"], new ImageMetadata(Resolution: (11811, 5906))), // 300 and 150 per inch
        ("iptc", ["png", "jpg", "tif"], new ImageMetadata { Photoshop = PhotoshopResources.OfIptc("\x1c\x02\x78\0\x05Hello"u8.ToArray()) }),
        ("comment", ["png", "jpg"], new ImageMetadata { Texts = [new TextNote("Comment", "Größe in 大きさ")] }),
        ("text", ["png"], new ImageMetadata { Texts = [new TextNote("Title", "Ein Bild"), new TextNote("Long", new string('x', 5000)), new TextNote("Title", "絵", "ja", "題名")] }),
        ("none", [], ImageMetadata.Empty),
    ];

    [Test]
    public void EveryKindIsKeptFromEveryFormatThatHasItToEveryOneThatCanAndNothingIsInvented(
        [ValueSource(nameof(Formats))] string from, [ValueSource(nameof(Formats))] string to,
        [Values("icc", "exif", "xmp", "resolution", "iptc", "comment", "text", "none")] string kind)
    {
        var (_, holders, metadata) = Kinds.Single(k => k.Kind == kind);
        ImageFile.Write(folder.File("a." + from), Picture(metadata));
        using (var upscaler = Upscaler.Bicubic(2)) upscaler.Upscale(folder.File("a." + from), folder.File("b." + to));
        var read = ImageFile.Read(folder.File("b." + to));
        Assert.That((read.Width, read.Height), Is.EqualTo((32, 48)));
        var isKept = holders.Contains(from) && holders.Contains(to);
        Assert.That(Present(read.Metadata), Is.EqualTo(isKept ? [kind] : Array.Empty<string>()));
        Assert.That(metadata.LostIn(ImageFormats.FromExtension("a." + to)!.Value), Has.Count.EqualTo(holders.Length == 0 || holders.Contains(to) ? 0 : 1));
        if (!isKept) return;
        switch (kind)
        {
            case "icc": Assert.That(read.Metadata.Icc, Is.EqualTo(metadata.Icc)); break;
            case "exif": AssertIsOfTheCamera(Parsed(read.Metadata.Exif!), width: 32); break;
            case "xmp": Assert.That(read.Metadata.Xmp, Is.EqualTo(metadata.Xmp)); break;
            case "iptc": Assert.That(read.Metadata.Photoshop, Is.EqualTo(metadata.Photoshop)); break;
            case "resolution":
                Assert.That(read.Metadata.PixelsPerMetre?.X, Is.EqualTo(11811).Within(20), "JPEG holds whole pixels per inch or centimetre");
                Assert.That(read.Metadata.PixelsPerMetre?.Y, Is.EqualTo(5906).Within(20));
                break;
            default: Assert.That(read.Metadata.Texts, Is.EqualTo(metadata.Texts)); break;
        }

        // WebP has a resolution as EXIF, so it comes from there.
        IEnumerable<string> Present(ImageMetadata m) =>
        [
            .. m.Icc is null ? (string[])[] : ["icc"],
            .. m.Exif is null || kind == "resolution" ? (string[])[] : ["exif"],
            .. m.Xmp is null ? (string[])[] : ["xmp"],
            .. m.PixelsPerMetre is null ? (string[])[] : ["resolution"],
            .. m.Photoshop is null ? (string[])[] : ["iptc"],
            .. m.Texts.Any(t => t.Keyword == "Comment") ? ["comment"] : (string[])[],
            .. m.Texts.Any(t => t.Keyword != "Comment") ? ["text"] : (string[])[],
            .. m.Colors is null ? (string[])[] : ["colors"],
        ];
    }

    // exiftool wrote it and exiftool reads it: what it says before and after is the same, but for sizes and how the pixels are stored.
    [Test]
    public void ExiftoolFindsTheSameBeforeAndAfter([Values("png", "jpg", "webp", "tif")] string format, [Values] bool tagged)
    {
        var (before, after) = (folder.File("a." + format), folder.File("b." + format));
        ImageFile.Write(before, Picture(ImageMetadata.Empty));
        if (tagged)
        {
            List<string> tags = ["-Make=Makers", "-EXIF:ExposureTime=1/60", "-GPSLatitude=47.5", "-GPSLatitudeRef=N", "-XMP:Title=A title", "-XMP:Rating=3", "-EXIF:Orientation#=6", "-XMP-tiff:Orientation#=6"];
            if (format is "jpg" or "tif") tags.AddRange(["-IPTC:Caption-Abstract=Hello", "-IPTC:Keywords=one", "-IPTC:Keywords=two"]);
            if (format == "jpg") tags.AddRange(["-Comment=a comment", "-JFIF:XResolution=300", "-JFIF:YResolution=300", "-JFIF:ResolutionUnit#=1"]);
            if (format == "png") tags.AddRange(["-PNG:Author=Me", "-PNG:Description=What it is", "-PNG:PixelsPerUnitX=3000", "-PNG:PixelsPerUnitY=2000"]);
            if (format == "tif") tags.AddRange(["-IFD0:XResolution=300", "-IFD0:YResolution=150", "-IFD0:ResolutionUnit#=2", "-IFD0:DocumentName=A document"]);
            Tool.Run("exiftool", [.. tags, "-q", "-overwrite_original", before]);
        }
        using (var upscaler = Upscaler.Bicubic(2)) upscaler.Upscale(before, after);
        List<string> expected = Said(before), found = Said(after);
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(found, tagged ? Has.Some.Contains("Makers") : Is.Empty);

        static List<string> Said(string file)
        {
            HashSet<string> stored = ["ImageWidth", "ImageHeight", "ExifImageWidth", "ExifImageHeight", "BitsPerSample", "Compression", "PhotometricInterpretation", "StripOffsets", "SamplesPerPixel",
                "RowsPerStrip", "StripByteCounts", "PlanarConfiguration", "Predictor", "SampleFormat", "Orientation", "BitDepth", "ColorType", "Filter", "Interlace", "JFIFVersion", "WebP_Flags", "SubfileType"];
            var lines = Tool.Run("exiftool", "-a", "-G1", "-s", "-n", file).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.Where(line => !line.StartsWith("[System]") && !line.StartsWith("[ExifTool]") && !line.StartsWith("[Composite]") && (!line.StartsWith("[File]") || line.Contains("Comment"))
                && !stored.Contains(line[16..].Split(' ', 2)[0].Trim()) && !IsNoDensity(line)).Order()];
        }

        // A JFIF header without a unit says nothing.
        static bool IsNoDensity(string line) => line.StartsWith("[JFIF]") && line.EndsWith(line.Contains("Unit") ? ": 0" : ": 1");
    }

    [Test]
    public void APictureIsTurnedOnceWhateverItBecomes([Values("png", "jpg", "webp", "tif")] string from, [ValueSource(nameof(Formats))] string to)
    {
        var stored = Pictures.Ramp(16, 24, 3);
        using (var vips = Pictures.Vips(stored))
        using (var turned = vips.Mutate(m => m.Set(NetVips.GValue.GIntType, "orientation", 6))) // a quarter to the right
        {
            if (from == "webp") turned.Webpsave(folder.File("a.webp"), lossless: true);
            else if (from == "jpg") turned.Jpegsave(folder.File("a.jpg"), q: 100);
            else turned.WriteToFile(folder.File("a." + from));
        }
        ImageFile.Write(folder.File("b." + to), ImageFile.Read(folder.File("a." + from)), quality: to == "jpg" ? 100 : null);
        ImageFile.Write(folder.File("c.png"), ImageFile.Read(folder.File("b." + to)));
        var read = ImageFile.Read(folder.File("c.png"));
        Assert.That((read.Width, read.Height), Is.EqualTo((24, 16)));
        for (var y = 0; y < 24; y++)
        for (var x = 0; x < 16; x++)
            Assert.That(read.Row(x).Slice((23 - y) * 3, 3).ToArray(), Is.EqualTo(stored.Row(y).Slice(x * 3, 3).ToArray()).Within(from == "jpg" || to == "jpg" ? 12 : 0), $"({x}, {y})");
    }

    [Test]
    public void ExifOfBigEndianCamerasGoesIntoTiff()
    {
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 2, 0x01, 0x10, 0, 2, 0, 0, 0, 7, 0, 0, 0, 38, 0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 46, 0, 0, 0, 0,
            .. "Camera\0\0"u8, 0, 1, 0x82, 0x9A, 0, 5, 0, 0, 0, 1, 0, 0, 0, 64, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 60];
        ImageFile.Write(folder.File("a.tif"), Picture(new ImageMetadata(Exif: exif)));
        var read = Parsed(ImageFile.Probe(folder.File("a.tif")).Metadata.Exif!);
        Assert.That(Text(read, Camera), Is.EqualTo("Camera"));
        Assert.That(read.Directories[TiffDirectory.Exif].Fields[ExposureTime].Number, Is.EqualTo(1 / 60.0));
    }

    [Test]
    public void ExifInABigTiffOfEitherByteOrderIsRead([Values] bool little, [Values] bool big)
    {
        // A file of directories alone: what libvips thinks of it is not asked here.
        using var file = new MemoryStream();
        var place = big ? 8 : 4;
        byte[] start = big ? [0, 43, 0, 8, 0, 0] : [0, 42];
        file.Write([.. little ? "II"u8 : "MM"u8, .. Ordered(start, 2), .. Ordered(Big(big ? 16 : 8, place), place)]);
        file.Write(Ordered(Big(1, big ? 8 : 2), big ? 8 : 2)); // one entry
        file.Write([.. Ordered(Big(Camera, 2), 2), .. Ordered(Big(2, 2), 2), .. Ordered(Big(4, place), place), .. "Cam\0"u8, .. new byte[place - 4]]);
        file.Write(new byte[32]);
        File.WriteAllBytes(folder.File("a.tif"), file.ToArray());
        Assert.That(Text(Parsed(OfTiff("a.tif").Exif!), Camera), Is.EqualTo("Cam"));

        byte[] Ordered(byte[] bytes, int size) => little ? [.. bytes.Chunk(size).SelectMany(number => number.Reverse())] : bytes;

        static byte[] Big(long value, int bytes) => [.. TiffDirectory.Number(value, bytes).Reverse()];
    }

    [Test]
    public void TagsOfTiffThatLieAreLeftOut()
    {
        ImageFile.Write(folder.File("a.tif"), Picture(new ImageMetadata(Exif: CameraExif)));
        var whole = File.ReadAllBytes(folder.File("a.tif"));
        var directory = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(4));
        for (var entry = directory + 2; entry < directory + 2 + (12 * whole[directory]); entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(whole.AsSpan(entry)) is not (Maker or Camera or Artist or TiffDirectory.Exif or TiffDirectory.Gps)) continue;
            foreach (var (at, value) in (ReadOnlySpan<(int, int)>)[(4, int.MaxValue), (4, -1), (8, int.MaxValue), (8, -1), (8, directory)])
            {
                var lie = (byte[])whole.Clone();
                BinaryPrimitives.WriteInt32LittleEndian(lie.AsSpan(entry + at), value);
                folder.File("lie.tif", lie);
                Assert.That(OfTiff("lie.tif").Exif, Is.Not.Null, "the rest");
            }
        }
    }

    [Test]
    public void AResolutionThatOnlyExifSaysIsTheResolution()
    {
        Assert.That(Said(2, 300), Is.EqualTo((300 / 0.0254, 300 / 0.0254)));
        Assert.That(Said(3, 100), Is.EqualTo((10_000.0, 10_000.0)));
        Assert.That(Said(1, 300), Is.Null, "no unit");
        Assert.That(Said(2, 0), Is.Null);
        Assert.That(Exif.Resolution([1, 2, 3]), Is.Null);

        static (double, double)? Said(ushort unit, uint number) => Exif.Resolution(Exif.Blob(new TiffDirectory
        {
            Fields = { [0x011A] = Ratio(number, 1), [0x011B] = Ratio(number, 1), [0x0128] = new TiffField(TiffField.Short, 1, TiffDirectory.Number(unit, 2)) },
        }));
    }

    private ImageMetadata OfTiff(string name)
    {
        using var file = File.OpenRead(folder.File(name));
        return TiffMetadata.Read(file);
    }

    [Test]
    public void AProfileThatDoesNotFitTheSamplesDoesNoHarm([Values("png", "jpg", "webp", "tif", "bmp")] string format, [Values(1, 3)] int channels)
    {
        // Cameras write grey pictures with a profile of RGB; a profile of grey beside colours is a mistake. Both can be read again.
        var grey = IccProfile.Of([0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06], [ToneCurve.Power(1.8)], isGrey: true);
        foreach (var profile in (byte[][])[grey, NetVips.Image.ProfileLoad("p3")])
        {
            var picture = Pictures.Ramp(16, 24, channels);
            ImageFile.Write(folder.File("a." + format), new Image(16, 24, channels, 8, picture.Samples, new ImageMetadata(Icc: profile)));
            Assert.That(ImageFile.Read(folder.File("a." + format)).Width, Is.EqualTo(16));
        }
    }

    [Test]
    public void SizeAndOrientationAreThoseOfTheNewPicture()
    {
        byte[] xmp = """<rdf:Description tiff:Orientation="6" exif:PixelXDimension='16'><tiff:ImageLength>24</tiff:ImageLength><x:Orientation>6</x:Orientation></rdf:Description>"""u8.ToArray();
        // Little-endian: orientation 6 as short; the camera's width as short, height as long.
        var exif = Exif.Blob(new TiffDirectory
        {
            Fields = { [0x0112] = new TiffField(TiffField.Short, 1, [6, 0]) },
            Directories = { [TiffDirectory.Exif] = new TiffDirectory { Fields = { [Width] = new TiffField(TiffField.Short, 1, [16, 0]), [0xA003] = TiffField.Of(24) } } },
        });
        foreach (var format in (string[])["png", "jpg", "webp"])
        {
            ImageFile.Write(folder.File("a." + format), new Image(70_000 / (format == "png" ? 1 : 10), 5, 1, 8, new ushort[70_000 / (format == "png" ? 1 : 10) * 5], new ImageMetadata(Exif: exif, Xmp: xmp)));
            var read = ImageFile.Probe(folder.File("a." + format));
            var fields = Parsed(read.Metadata.Exif!);
            Assert.That(fields.Fields[0x0112].Number, Is.EqualTo(1));
            Assert.That(fields.Directories[TiffDirectory.Exif].Fields[Width].Number, Is.EqualTo(read.Width), "a short becomes a long where it must");
            Assert.That(fields.Directories[TiffDirectory.Exif].Fields[0xA003].Number, Is.EqualTo(5));
            Assert.That(Encoding.UTF8.GetString(read.Metadata.Xmp!), Is.EqualTo(
                $"""<rdf:Description tiff:Orientation="1" exif:PixelXDimension='{read.Width}'><tiff:ImageLength>5</tiff:ImageLength><x:Orientation>6</x:Orientation></rdf:Description>"""));
        }
    }

    private static Image Picture(ImageMetadata metadata) => new(16, 24, 3, 8, Pictures.Ramp(16, 24, 3).Samples, metadata);

    private static void AssertIsOfTheCamera(TiffDirectory exif, double width)
    {
        Assert.That((Text(exif, Maker), Text(exif, Camera), Text(exif, Artist)), Is.EqualTo(("Makers & Sons", "Camera", "Me")));
        Assert.That(exif.Directories[TiffDirectory.Exif].Fields[ExposureTime].Number, Is.EqualTo(1 / 60.0));
        Assert.That(exif.Directories[TiffDirectory.Exif].Fields[Width].Number, Is.EqualTo(width), "the enlarged picture's");
        Assert.That(exif.Directories[TiffDirectory.Gps].Fields[Latitude].Bytes, Is.EqualTo(Tags().Directories[TiffDirectory.Gps].Fields[Latitude].Bytes));
    }

    private static TiffDirectory Tags() => new()
    {
        Fields = { [Maker] = Words("Makers & Sons"), [Camera] = Words("Camera"), [Artist] = Words("Me") },
        Directories =
        {
            [TiffDirectory.Exif] = new TiffDirectory
            {
                Fields = { [ExposureTime] = Ratio(1, 60), [Width] = TiffField.Of(16) },
                Directories = { [TiffDirectory.Interoperability] = new TiffDirectory { Fields = { [InteroperabilityIndex] = Words("R98") } } },
            },
            [TiffDirectory.Gps] = new TiffDirectory
            {
                Fields = { [1] = Words("N"), [Latitude] = new TiffField(TiffField.Ratio, 3, [.. Ratio(47, 1).Bytes, .. Ratio(30, 1).Bytes, .. Ratio(3, 2).Bytes]) },
            },
        },
    };

    private static TiffDirectory Parsed(byte[] exif)
    {
        using var stream = new MemoryStream(exif);
        var reader = TiffDirectoryReader.Of(stream)!;
        return reader.Read(reader.First);
    }

    private static string Text(TiffDirectory directory, ushort tag) => Encoding.ASCII.GetString(directory.Fields[tag].Bytes).TrimEnd('\0');

    private static TiffField Words(string text) => new(2, text.Length + 1, Encoding.ASCII.GetBytes(text + "\0"));

    private static TiffField Ratio(uint above, uint below) => new(TiffField.Ratio, 1, [.. TiffField.Of(above).Bytes, .. TiffField.Of(below).Bytes]);
}
