using System.Buffers.Binary;
using System.Text;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>PNM and TGA written by hand, the variants of BMP, and what stands in for libvips.</summary>
public sealed class ImageSharpCodecTests : FolderTests
{
    // Two by two; whatever the largest sample is, half of it is 128 of 255 within rounding.
    [TestCase("P1\n2 2\n1 0\n0 1\n    ", new ushort[] { 0, 255, 255, 0 }, 255)]
    [TestCase("P2\n# a comment\n2 2\n100\n0 50\n100 25\n", new ushort[] { 0, 128, 255, 64 }, 255)]
    [TestCase("P2 2 2 255 0 128 255 1 ", new ushort[] { 0, 128, 255, 1 }, 255)]
    [TestCase("P2\n2 2\n1023\n0 512\n1023 1\n", new ushort[] { 0, 32800, 65535, 64 }, 65535)]
    [TestCase("P3\n1 1\n15\n0 15 5\n", new ushort[] { 0, 255, 85 }, 255)]
    public void PnmOfTextIsScaledByItsLargestSample(string text, ushort[] expected, int max)
    {
        var read = ImageFile.Read(folder.File("a.pnm", Encoding.ASCII.GetBytes(text)));
        Assert.That(read.MaxSample, Is.EqualTo(max));
        Assert.That(read.Samples, Is.EqualTo(expected));
    }

    [Test]
    public void PnmOfBytesIsRead()
    {
        Assert.That(ImageFile.Read(folder.File("a.pbm", [.. "P4\n10 1\n"u8, 0b1010_0000, 0b1100_0000, 0, 0, 0])).Samples, Is.EqualTo(new ushort[] { 0, 255, 0, 255, 255, 255, 255, 255, 0, 0 }));
        Assert.That(ImageFile.Read(folder.File("a.pgm", [.. "P5\n2 1\n200\n"u8, 200, 100])).Samples, Is.EqualTo(new ushort[] { 255, 128 }));
        Assert.That(ImageFile.Read(folder.File("a.pgm", [.. "P5\n3 1\n100\n"u8, 0, 50, 100])).Samples, Is.EqualTo(new ushort[] { 0, 128, 255 }));
        Assert.That(ImageFile.Read(folder.File("a.pgm", [.. "P5 3 1 # of 10 bit\n1023\n"u8, 0, 1, 2, 0, 3, 255])).Samples, Is.EqualTo(new ushort[] { 64, 32800, 65535 }));
        Assert.That(() => ImageFile.Read(folder.File("a.pgm", [.. "P5\n3 1\n1023\n"u8, 0, 1, 2, 0, 3])), Throws.InstanceOf<ImageException>());
        Assert.That(ImageFile.Read(folder.File("a.pgm", [.. "P5\n2 1\n65535\n"u8, 0x12, 0x34, 0xFF, 0xFF])).Samples, Is.EqualTo(new ushort[] { 0x1234, 0xFFFF }));
        Assert.That(ImageFile.Read(folder.File("a.ppm", [.. "P6\n1 1\n255\n"u8, 1, 2, 3])).Samples, Is.EqualTo(new ushort[] { 1, 2, 3 }));
    }

    [Test]
    public void TgaIsReadEitherWayUpPlainAndByRuns()
    {
        byte[] pixels = [3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10]; // blue, green, red
        ushort[] first = [1, 2, 3, 4, 5, 6], second = [7, 8, 9, 10, 11, 12];
        Assert.That(Tga(2, 2, 2, 24, 0, pixels).Samples, Is.EqualTo((ushort[])[.. second, .. first]), "from below");
        Assert.That(Tga(2, 2, 2, 24, 0x20, pixels).Samples, Is.EqualTo((ushort[])[.. first, .. second]), "from above");
        Assert.That(Tga(10, 3, 1, 24, 0x20, [0x81, 3, 2, 1, 0x00, 6, 5, 4]).Samples, Is.EqualTo(new ushort[] { 1, 2, 3, 1, 2, 3, 4, 5, 6 }), "runs");
        var grey = Tga(3, 2, 1, 8, 0x20, [9, 200]);
        Assert.That((grey.Channels, grey.Samples[1]), Is.EqualTo((1, 200)));
        var alpha = Tga(2, 1, 1, 32, 0x28, [3, 2, 1, 77]);
        Assert.That(alpha.Samples, Is.EqualTo(new ushort[] { 1, 2, 3, 77 }));
    }

    [Test]
    public void TgaIsKnownByItsExtensionAlone()
    {
        byte[] tga = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 24, 0, 1, 2, 3];
        Assert.That(() => ImageFile.Read(folder.File("a.xyz", tga)), Throws.InstanceOf<ImageException>());
        Assert.That(ImageFile.Probe(folder.File("a.tga", tga)).Format, Is.EqualTo(ImageFormat.Tga));
    }

    [Test]
    public void BmpOfSixteenBitsAndByRuns()
    {
        // 565 by masks, from above: pure red, green and blue, and white.
        Assert.That(Bmp(4, -1, 16, 3, [0, 0xF8, 0, 0, 0xE0, 7, 0, 0, 0x1F, 0, 0, 0], [0, 0xF8, 0xE0, 7, 0x1F, 0, 0xFF, 0xFF]).Samples, Is.EqualTo(new ushort[] { 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255 }));
        // 555 without masks.
        Assert.That(Bmp(2, 1, 16, 0, [], [0, 0x7C, 0xE0, 3]).Samples, Is.EqualTo(new ushort[] { 255, 0, 0, 0, 255, 0 }));
        // RLE8: three of colour 1, end of line, literally 2 0 1, end.
        byte[] palette = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0];
        ushort[] red = [255, 0, 0], green = [0, 255, 0], blue = [0, 0, 255];
        Assert.That(Bmp(3, 2, 8, 1, palette, [3, 1, 0, 0, 0, 3, 2, 0, 1, 0, 0, 1]).Samples, Is.EqualTo((ushort[])[.. blue, .. red, .. green, .. green, .. green, .. green]));
    }

    [Test]
    public void TheCasesOfReports()
    {
        // The same picture in both; its red square and its round one.
        foreach (var name in (string[])["bmp565_topdown.bmp", "bmp_rle.bmp"])
        {
            var read = ImageFile.Read(Require.Data("cases", "05-jpeg-missing-eoi-refused", name));
            Assert.That((read.Width, read.Height), Is.EqualTo((60, 48)));
            Assert.That(read.Row(5).Slice(15, 3).ToArray(), Is.EqualTo(new ushort[] { 230, 30, 30 }).Within(8), name);
            Assert.That(read.Row(40).Slice(24, 3).ToArray(), Is.EqualTo(new ushort[] { 30, 40, 220 }).Within(8), name);
        }
    }

    [TestCase("GIF", "a.gif", "GIF89a\u0001\0\u0001\0\0\0\0")]
    [TestCase("HEIC", "a.heic", "\0\0\0\u0018ftypheic\0\0\0\0")]
    [TestCase("HEIC", "a.jpg", "\0\0\0\u0018ftypmif1\0\0\0\0")]
    [TestCase("AVIF", "a.avif", "\0\0\0\u0018ftypavif\0\0\0\0")]
    [TestCase("JPEG XL", "a.jxl", "\0\0\0\u000CJXL \r\n\u0087\n")]
    [TestCase("JPEG 2000", "a.jp2", "\0\0\0\u000CjP  \r\n\u0087\n")]
    [TestCase("Photoshop", "a.psd", "8BPS\0\u0001\0\0\0\0\0\0")]
    [TestCase("PDF", "a.png", "%PDF-1.4\n1 0 obj")]
    public void WhatIsNotReadIsRefusedByItsName(string name, string file, string content)
    {
        var error = Assert.Throws<ImageException>(() => ImageFile.Read(folder.File(file, Encoding.Latin1.GetBytes(content))));
        Assert.That(error!.Message, Does.Contain($"a {name} picture").And.Contain("convert it to PNG"));
    }

    [Test]
    public void AFolderSaysWhatItLeftOut()
    {
        ImageFile.Write(folder.File("a.png"), Pictures.Noise(4, 4, 3));
        foreach (var name in (string[])["b.heic", "c.gif", "notes.txt"]) folder.File(name, [1, 2, 3]);
        List<string> said = [];
        Assert.That(PictureFolder.Files(folder.Path, leftOut: said.Add), Has.Count.EqualTo(1));
        Assert.That(said, Has.Count.EqualTo(1));
        Assert.That(said[0], Does.Contain("3 files left out").And.Contain("b.heic (HEIC, which is not read)").And.Contain("c.gif (GIF").And.Contain("notes.txt"));
    }

    // Without libvips: the same samples for PNG, nearly the same for JPEG, and the same metadata.
    [Test]
    public void PngAndJpegAreReadWithoutLibvips([Values("png", "jpg")] string format, [Values(1, 2, 3, 4)] int channels, [Values(8, 16)] int depth)
    {
        if (format == "jpg" && (depth == 16 || channels is 2 or 4)) return;
        var metadata = new ImageMetadata(NetVips.Image.ProfileLoad("p3"), MetadataTests.CameraExif, "<x/>"u8.ToArray(), (11811, 11811));
        var picture = Pictures.Ramp(24, 16, channels, depth);
        ImageFile.Write(folder.File("a." + format), new Image(24, 16, channels, depth, picture.Samples, metadata), quality: format == "jpg" ? 95 : null);
        var (kind, expected) = (ImageFormats.FromExtension("a." + format)!.Value, ImageFile.Read(folder.File("a." + format)));
        using var reader = ImageFile.Fallback(kind, null).Open(folder.File("a." + format), kind, new ReadingOptions());
        var read = ImageFile.ReadAll(reader);
        Assert.That((read.Channels, read.BitDepth), Is.EqualTo((channels, depth)));
        Assert.That(read.Samples, Is.EqualTo(expected.Samples).Within(format == "jpg" ? 3 : 0));
        Assert.That(read.Metadata.Icc, Is.EqualTo(expected.Metadata.Icc));

        using (var file = File.Create(folder.File("b." + format)))
        using (var writer = ImageFile.Fallback(kind, null).Create("b", file, read.Info with { Format = kind }, null))
        {
            writer.WriteRows(read.Samples);
            writer.Complete();
        }
        var again = ImageFile.Read(folder.File("b." + format));
        Assert.That(again.Samples, Is.EqualTo(read.Samples).Within(format == "jpg" ? 3 : 0));
        Assert.That((again.Metadata.Icc, again.Metadata.Xmp, again.Metadata.Resolution), Is.EqualTo((expected.Metadata.Icc, expected.Metadata.Xmp, expected.Metadata.Resolution)));
    }

    [Test]
    public void OneLineSaysThatLibvipsIsMissing()
    {
        List<string> said = [];
        for (var i = 0; i < 2; i++) ImageFile.Fallback(ImageFormat.Png, said.Add);
        Assert.That(said, Has.Count.EqualTo(1));
        Assert.That(() => ImageFile.Fallback(ImageFormat.WebP, said.Add), Throws.InstanceOf<DllNotFoundException>());
    }

    private Image Tga(byte type, int width, int height, byte bits, byte descriptor, byte[] pixels) => ImageFile.Read(folder.File("a.tga",
        [0, 0, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)width, 0, (byte)height, 0, bits, descriptor, .. pixels]));

    private Image Bmp(int width, int height, ushort bits, int compression, byte[] extra, byte[] rows)
    {
        var header = new byte[54];
        "BM"u8.CopyTo(header);
        foreach (var (at, value) in ((int, int)[])[(2, 54 + extra.Length + rows.Length), (10, 54 + extra.Length), (14, 40), (18, width), (22, height), (28, bits), (30, compression), (34, rows.Length), (46, bits <= 8 ? extra.Length / 4 : 0)])
            BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);
        header[26] = 1;
        (header[28], header[29]) = ((byte)bits, 0);
        return ImageFile.Read(folder.File("a.bmp", [.. header, .. extra, .. rows]));
    }
}
