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

    private static readonly string[] Formats = ["png", "jpg", "webp", "tif", "bmp"];

    [Test]
    public void EveryKindIsKeptFromEveryFormatThatHasItToEveryOneThatCan(
        [ValueSource(nameof(Formats))] string from, [ValueSource(nameof(Formats))] string to, [Values("icc", "exif", "xmp", "resolution")] string kind)
    {
        var metadata = kind switch
        {
            "icc" => new ImageMetadata(Icc: NetVips.Image.ProfileLoad("p3")),
            "exif" => new ImageMetadata(Exif: Exif.Blob(CameraExif())),
            "xmp" => new ImageMetadata(Xmp: "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"u8.ToArray()),
            _ => new ImageMetadata(Resolution: (11811, 5906)), // 300 and 150 per inch
        };
        ImageFile.Write(folder.File("a." + from), Picture(metadata));
        using (var upscaler = Upscaler.Bicubic(2)) upscaler.Upscale(folder.File("a." + from), folder.File("b." + to));
        var read = ImageFile.Read(folder.File("b." + to));
        Assert.That((read.Width, read.Height), Is.EqualTo((32, 48)));
        var isKept = kind is "icc" or "resolution" || (from != "bmp" && to != "bmp");
        switch (kind)
        {
            case "icc":
                Assert.That(read.Metadata.Icc, Is.EqualTo(metadata.Icc));
                break;
            case "exif" when isKept:
                AssertIsOfTheCamera(Parsed(read.Metadata.Exif!), width: 32);
                break;
            case "xmp" when isKept:
                Assert.That(read.Metadata.Xmp, Is.EqualTo(metadata.Xmp));
                break;
            case "resolution":
                Assert.That(read.Metadata.Resolution?.X, Is.EqualTo(11811).Within(20), "JPEG holds whole pixels per inch or centimetre");
                Assert.That(read.Metadata.Resolution?.Y, Is.EqualTo(5906).Within(20));
                break;
            default:
                Assert.That(read.Metadata.Xmp is null && (to != "bmp" || read.Metadata.Exif is null), "BMP has no place for it");
                break;
        }
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
        Assert.That(Text(Parsed(Exif.OfTiff(folder.File("a.tif"))!), Camera), Is.EqualTo("Cam"));

        byte[] Ordered(byte[] bytes, int size) => little ? [.. bytes.Chunk(size).SelectMany(number => number.Reverse())] : bytes;

        static byte[] Big(long value, int bytes) => [.. TiffDirectory.Number(value, bytes).Reverse()];
    }

    [Test]
    public void TagsOfTiffThatLieAreLeftOut()
    {
        ImageFile.Write(folder.File("a.tif"), Picture(new ImageMetadata(Exif: Exif.Blob(CameraExif()))));
        var whole = File.ReadAllBytes(folder.File("a.tif"));
        var directory = BinaryPrimitives.ReadInt32LittleEndian(whole.AsSpan(4));
        for (var entry = directory + 2; entry < directory + 2 + (12 * whole[directory]); entry += 12)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(whole.AsSpan(entry)) is not (Maker or Camera or Artist or TiffDirectory.Exif or TiffDirectory.Gps)) continue;
            foreach (var (at, value) in (ReadOnlySpan<(int, int)>)[(4, int.MaxValue), (4, -1), (8, int.MaxValue), (8, -1), (8, directory)])
            {
                var lie = (byte[])whole.Clone();
                BinaryPrimitives.WriteInt32LittleEndian(lie.AsSpan(entry + at), value);
                Assert.That(Exif.OfTiff(folder.File("lie.tif", lie)), Is.Not.Null, "the rest");
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

    private static Image Picture(ImageMetadata metadata) => new(16, 24, 3, 8, Pictures.Ramp(16, 24, 3).Samples, metadata);

    private static void AssertIsOfTheCamera(TiffDirectory exif, double width)
    {
        Assert.That((Text(exif, Maker), Text(exif, Camera), Text(exif, Artist)), Is.EqualTo(("Makers & Sons", "Camera", "Me")));
        Assert.That(exif.Directories[TiffDirectory.Exif].Fields[ExposureTime].Number, Is.EqualTo(1 / 60.0));
        Assert.That(exif.Directories[TiffDirectory.Exif].Fields[Width].Number, Is.EqualTo(width), "the enlarged picture's");
        Assert.That(exif.Directories[TiffDirectory.Gps].Fields[Latitude].Bytes, Is.EqualTo(CameraExif().Directories[TiffDirectory.Gps].Fields[Latitude].Bytes));
    }

    private static TiffDirectory CameraExif() => new()
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
