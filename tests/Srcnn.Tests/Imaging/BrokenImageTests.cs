using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>Files that are damaged or lie: refused with an <see cref="ImageException"/> that names the file, soon, and without much memory.</summary>
public sealed class BrokenImageTests : FolderTests
{
    private static readonly string[] Names = ["a.png", "a.jpg", "a.webp", "a.tif", "a.bmp", "a.ppm", "a.tga"];

    [Test]
    public void EmptyAndEightBytesAreRefused([ValueSource(nameof(Names))] string name, [Values(0, 8)] int length)
    {
        var whole = Sample(name);
        Refused(folder.File(name, whole[..length]));
    }

    [Test]
    public void CutFilesAreRefused([ValueSource(nameof(Names))] string name)
    {
        var whole = Sample(name);
        for (var part = 0; part < 64; part++) Refused(folder.File($"{part}{name}", whole[..(int)((long)whole.Length * part / 64)]));
    }

    [TestCase("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")]
    [TestCase("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n")]
    [TestCase("GIF89a this might be a picture elsewhere")]
    [TestCase("just a text that somebody renamed")]
    public void OtherFormatsNamedPngAreRefused(string content) =>
        Assert.That(Refused(folder.File("a.png", Encoding.ASCII.GetBytes(content))), Does.Contain(ImageFormats.Names));

    [Test]
    public void AFlippedBitInCompressedPngDataIsRefused()
    {
        var whole = Sample("a.png");
        var data = whole.AsSpan().IndexOf("IDAT"u8);
        for (var i = 0; i < 20; i++)
        {
            var flipped = (byte[])whole.Clone();
            flipped[data + 10 + i * (whole.Length - data - 40) / 20] ^= 0x10;
            Refused(folder.File("a.png", flipped));
        }
    }

    [TestCase(65535, 65535)]
    [TestCase(int.MaxValue, int.MaxValue)]
    [TestCase(int.MaxValue, 1)]
    [TestCase(0, 0)]
    [TestCase(-5, 3)]
    [TestCase(3, int.MinValue)]
    public void LyingHeadersAreRefusedAtOnce(int width, int height)
    {
        var png = Sample("a.png");
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        RefusedAtOnce(folder.File("a.png", png));

        var bmp = Sample("a.bmp");
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), height);
        RefusedAtOnce(folder.File("a.bmp", bmp));

        var jpeg = Sample("a.jpg");
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), (ushort)width);
        RefusedAtOnce(folder.File("a.jpg", jpeg));

        var tiff = Sample("a.tif");
        var directory = BinaryPrimitives.ReadInt32LittleEndian(tiff.AsSpan(4));
        for (var entry = directory + 2; entry < directory + 2 + 12 * tiff[directory]; entry += 12)
        {
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(tiff.AsSpan(entry));
            if (tag is not (256 or 257)) continue;
            tiff[entry + 2] = 4; // as a 32-bit number
            BinaryPrimitives.WriteInt32LittleEndian(tiff.AsSpan(entry + 8), tag == 256 ? width : height);
        }
        RefusedAtOnce(folder.File("a.tif", tiff));
    }

    [Test]
    public void ABombIsRefusedByItsHeader()
    {
        const int Side = 30_000;
        var rows = new byte[Side / 8 + 1];
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            for (var y = 0; y < Side; y++) zlib.Write(rows);
        Assert.That(packed.Length, Is.LessThan(1_000_000));
        byte[] header = [0, 0, Side >> 8, Side & 0xFF, 0, 0, Side >> 8, Side & 0xFF, 1, 0, 0, 0, 0]; // 1 bit grey
        RefusedAtOnce(folder.File("bomb.png", [0x89, .. "PNG\r\n\x1a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])]));
    }

    [TestCase("iCCP", new byte[] { (byte)'x', 0, 0 })]
    [TestCase("zTXt", new byte[] { (byte)'x', 0, 0 })]
    [TestCase("iTXt", new byte[] { (byte)'x', 0, 1, 0, 0, 0 })]
    public void ATextOrProfileOfTwoHundredMegabytesIsNotUnpacked(string kind, byte[] start)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            for (var i = 0; i < 200; i++) zlib.Write(new byte[1 << 20]);
        var whole = Sample("a.png");
        const int AfterHeader = 8 + 12 + 13;
        var file = folder.File("bomb.png", [.. whole[..AfterHeader], .. Chunk(kind, [.. start, .. packed.ToArray()]), .. whole[AfterHeader..]]);
        ImageFile.Read(file);
        var set = Environment.WorkingSet;
        var metadata = ImageFile.Read(file).Metadata;
        Assert.That(Environment.WorkingSet - set, Is.LessThan(20 << 20));
        Assert.That((metadata.Icc, metadata.Xmp), Is.EqualTo(((byte[]?)null, (byte[]?)null)));
    }

    [TestCaseSource(nameof(MutantRuns))]
    public void MutantsNeverCrashOrHang(string name, int mutants)
    {
        var whole = Sample(name, width: 24, height: 20, new ImageMetadata(Exif: MetadataTests.CameraExif, Xmp: "<x/>"u8.ToArray(), Resolution: (5906, 5906)));
        var random = new Random(7);
        var refused = 0;
        for (var mutant = 0; mutant < mutants; mutant++)
        {
            var file = folder.File("mutant" + name, Mutant(whole, random));
            var start = Work;
            try
            {
                ImageFile.Read(file, maxPixels: 1 << 22);
            }
            catch (ImageException)
            {
                refused++;
            }
            Assert.That((Work - start).TotalMilliseconds, Is.LessThan(1000), $"mutant {mutant}");
        }
        Assert.That(refused, Is.InRange(1, mutants));
    }

    private static IEnumerable<TestCaseData> MutantRuns()
    {
        foreach (var name in Names)
        {
            yield return new TestCaseData(name, 500);
            yield return new TestCaseData(name, 10_000).SetCategory("nightly").Explicit("a minute; choose it with --filter TestCategory=nightly");
        }
    }

    /// <summary>Of the processors, since others may be at work on the machine of a test.</summary>
    private static TimeSpan Work => Environment.CpuUsage.TotalTime;

    /// <summary>The file with one to eight places damaged: bytes replaced, bits flipped, pieces taken out or put in twice.</summary>
    private static byte[] Mutant(byte[] whole, Random random)
    {
        List<byte> bytes = [.. whole];
        for (var places = random.Next(1, 9); places > 0; places--)
        {
            var header = random.Next(2) == 0; // half of the damage where sizes and offsets are
            var at = random.Next(header ? Math.Min(bytes.Count, 128) : bytes.Count);
            var piece = random.Next(1, Math.Min(32, bytes.Count - at) + 1);
            switch (random.Next(8))
            {
                case 0 when bytes.Count > 64:
                    bytes.RemoveRange(at, piece);
                    break;
                case 1:
                    bytes.InsertRange(at, bytes.GetRange(at, piece));
                    break;
                case 2 or 3 or 4:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }
        return [.. bytes];
    }

    private byte[] Sample(string name, int width = 96, int height = 64, ImageMetadata? metadata = null)
    {
        ImageFile.Write(folder.File("sample" + name), new Image(width, height, 3, 8, Pictures.Noise(width, height, 3).Samples, metadata));
        return File.ReadAllBytes(folder.File("sample" + name));
    }

    private static byte[] Chunk(string kind, byte[] content)
    {
        byte[] all = [.. new byte[4], .. Encoding.ASCII.GetBytes(kind), .. content, .. new byte[4]];
        BinaryPrimitives.WriteInt32BigEndian(all, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(all.AsSpan(all.Length - 4), Crc32.HashToUInt32(all.AsSpan(4, all.Length - 8)));
        return all;
    }

    private static string Refused(string file)
    {
        var error = Assert.Throws<ImageException>(() => ImageFile.Read(file), file);
        Assert.That(error!.Message, Does.StartWith(file));
        return error.Message;
    }

    private static void RefusedAtOnce(string file)
    {
        Refused(file); // the first call compiles the path
        var start = Work;
        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = Environment.WorkingSet;
        Refused(file);
        Assert.That((Work - start).TotalMilliseconds, Is.LessThan(100), file);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 20), file);
        Assert.That(Environment.WorkingSet - set, Is.LessThan(20 << 20), file);
    }
}
