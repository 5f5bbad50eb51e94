using System.Buffers.Binary;
using Srcnn.Engine.Imaging;
using Image = Srcnn.Engine.Imaging.Image;

namespace Srcnn.Tests.Imaging;

public sealed class NetVipsCodecTests : FolderTests
{
    // Where pixel (x, y) of the stored picture goes in the upright one of w×h, by EXIF 2.3 orientation.
    private static (int X, int Y) Upright(int orientation, int x, int y, int w, int h) => orientation switch
    {
        1 => (x, y),
        2 => (w - 1 - x, y),
        3 => (w - 1 - x, h - 1 - y),
        4 => (x, h - 1 - y),
        5 => (y, x),
        6 => (w - 1 - y, x),
        7 => (w - 1 - y, h - 1 - x),
        _ => (y, h - 1 - x),
    };

    [Test]
    public void ExifRotationIsAppliedAndReset([Range(1, 8)] int orientation)
    {
        var stored = Pictures.Ramp(48, 32, 3);
        ImageFile.Write(folder.File("plain.jpg"), stored, quality: 100);
        var decoded = ImageFile.Read(folder.File("plain.jpg"));
        var file = folder.File("turned.jpg", WithExif(File.ReadAllBytes(folder.File("plain.jpg")), ExifBlob(orientation)));

        var turned = ImageFile.Read(file);
        var (w, h) = orientation >= 5 ? (32, 48) : (48, 32);
        Assert.That((turned.Width, turned.Height), Is.EqualTo((w, h)));
        Assert.That((ImageFile.Probe(file).Width, ImageFile.Probe(file).Height), Is.EqualTo((w, h)));
        for (var y = 0; y < stored.Height; y++)
        for (var x = 0; x < stored.Width; x++)
        {
            var (ux, uy) = Upright(orientation, x, y, w, h);
            Assert.That(turned.Row(uy).Slice(ux * 3, 3).SequenceEqual(decoded.Row(y).Slice(x * 3, 3)), $"({x}, {y})");
        }

        ImageFile.Write(folder.File("again.jpg"), turned);
        var again = ImageFile.Read(folder.File("again.jpg"));
        Assert.That((again.Width, again.Height), Is.EqualTo((w, h)), "turned once, not twice");
    }

    [Test]
    public void PaletteOneBitAndInterlacedAreExpanded()
    {
        using var bars = Pictures.Vips(Bars());
        bars.Pngsave(folder.File("palette.png"), palette: true);
        bars.Pngsave(folder.File("interlaced.png"), interlace: true);
        Assert.That(ImageFile.Read(folder.File("palette.png")).Samples, Is.EqualTo(Bars().Samples));
        Assert.That(ImageFile.Read(folder.File("interlaced.png")).Samples, Is.EqualTo(Bars().Samples));

        var checks = new Image(8, 8, 1);
        for (var i = 0; i < 64; i++) checks.Samples[i] = (ushort)((i + i / 8) % 2 * 255);
        using var grey = Pictures.Vips(checks);
        foreach (var bits in (int[])[1, 2, 4])
        {
            grey.Pngsave(folder.File("bit.png"), bitdepth: bits);
            grey.Tiffsave(folder.File("bit.tif"), bitdepth: bits);
            Assert.That(ImageFile.Read(folder.File("bit.png")).Samples, Is.EqualTo(checks.Samples), $"{bits} bit");
            Assert.That(ImageFile.Read(folder.File("bit.tif")).Samples, Is.EqualTo(checks.Samples), $"{bits} bit");
        }
    }

    [Test]
    public void APaletteWithTransparentColoursHasAlpha()
    {
        using var bars = Pictures.Vips(Bars());
        using var left = NetVips.Image.Xyz(24, 16)[0] < 12;
        using var half = bars.Bandjoin(left.Ifthenelse(255, 0));
        half.Pngsave(folder.File("palette.png"), palette: true, dither: 0);
        Assert.That(File.ReadAllBytes(folder.File("palette.png")).AsSpan().IndexOf("tRNS"u8), Is.Positive, "the picture of the test");
        var read = ImageFile.Read(folder.File("palette.png"));
        Assert.That(read.Channels, Is.EqualTo(4));
        for (var x = 0; x < 24; x++)
        {
            Assert.That(read.Row(5)[(4 * x) + 3], Is.EqualTo(x < 12 ? 255 : 0), $"alpha of {x}");
            if (x < 12) Assert.That(read.Row(5).Slice(4 * x, 3).ToArray(), Is.EqualTo(Bars().Row(5).Slice(3 * x, 3).ToArray()), $"colour of {x}");
        }
    }

    [Test]
    public void CmykBecomesRgb()
    {
        using var bars = Pictures.Vips(Bars());
        using var cmyk = bars.Colourspace(NetVips.Enums.Interpretation.Cmyk);
        cmyk.Jpegsave(folder.File("cmyk.jpg"), q: 100);
        var read = ImageFile.Read(folder.File("cmyk.jpg"));
        Assert.That((read.Channels, read.BitDepth), Is.EqualTo((3, 8)));
        Assert.That(read.Row(4)[..3].ToArray(), Is.EqualTo(new ushort[] { 255, 255, 255 }).Within(12), "paper white");
    }

    [Test]
    public void AProfileOfInksDoesNotStayWithTheColorsMadeFromIt()
    {
        using var bars = Pictures.Vips(Bars());
        using var cmyk = bars.IccTransform("cmyk");
        cmyk.Jpegsave(folder.File("cmyk.jpg"), q: 100);
        using (var stored = NetVips.Image.NewFromFile(folder.File("cmyk.jpg")))
            Assert.That((stored.Bands, ((byte[])stored.Get("icc-profile-data"))[16..20]), Is.EqualTo((4, "CMYK"u8.ToArray())), "the picture of the test");
        var read = ImageFile.Read(folder.File("cmyk.jpg"));
        Assert.That(read.Metadata.Icc is null, "samples without a profile are sRGB");
        for (var bar = 1; bar < 7; bar++) // inks are duller than a screen's colours, but hues stay; the first bar is white, the last black
        {
            var at = ((3 * bar) + 1) * 3;
            ushort[] expected = Bars().Row(4).Slice(at, 3).ToArray(), colors = read.Row(4).Slice(at, 3).ToArray();
            var (lit, dark) = (colors.Where((_, c) => expected[c] > 0).Min(), colors.Where((_, c) => expected[c] == 0).Max());
            Assert.That(lit, Is.GreaterThan(dark), $"bar {bar}: {string.Join(", ", colors)}");
        }
    }

    [Test]
    public void WhatCannotBeHeldIsRefusedByName()
    {
        using var bars = Pictures.Vips(Bars());
        using var floats = bars.Cast(NetVips.Enums.BandFormat.Float);
        floats.Tiffsave(folder.File("float.tif"));
        Assert.That(() => ImageFile.Read(folder.File("float.tif")), Throws.InstanceOf<ImageException>().With.Message.Contains("Float"));

        Assert.That(() => ImageFile.Write(folder.File("wide.webp"), new Image(16384, 1, 3)),
            Throws.InstanceOf<ImageException>().With.Message.Contains("16383"));
    }

    private static Image Bars()
    {
        var bars = new Image(24, 16, 3);
        for (var i = 0; i < bars.Samples.Length; i++) bars.Samples[i] = (ushort)(((i / 3 % 24 / 3 ^ 7) >> i % 3 & 1) * 255);
        return bars;
    }

    /// <summary>A TIFF structure with Model "Camera" and the orientation, little-endian.</summary>
    private static byte[] ExifBlob(int orientation)
    {
        var exif = new byte[8 + 2 + 2 * 12 + 4 + 7];
        "II*\0"u8.CopyTo(exif);
        exif[4] = 8;
        exif[8] = 2;
        Entry(10, 0x0110, 2, 7, 38);
        Entry(22, 0x0112, 3, 1, orientation);
        "Camera\0"u8.CopyTo(exif.AsSpan(38));
        return exif;

        void Entry(int at, ushort tag, ushort type, int count, int value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(exif.AsSpan(at), tag);
            BinaryPrimitives.WriteUInt16LittleEndian(exif.AsSpan(at + 2), type);
            BinaryPrimitives.WriteInt32LittleEndian(exif.AsSpan(at + 4), count);
            BinaryPrimitives.WriteInt32LittleEndian(exif.AsSpan(at + 8), value);
        }
    }

    /// <summary>The JPEG with an APP1 segment after its first marker.</summary>
    private static byte[] WithExif(byte[] jpeg, byte[] exif)
    {
        var length = 2 + 6 + exif.Length;
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. "Exif\0\0"u8, .. exif, .. jpeg[2..]];
    }
}
