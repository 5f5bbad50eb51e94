using Srcnn.Engine.Imaging;
using Image = Srcnn.Engine.Imaging.Image;

namespace Srcnn.Tests.Imaging;

/// <summary>Files that lack their end marker and nothing else, have bytes behind it, or lack more.</summary>
public sealed class FileEndTests : FolderTests
{
    private static readonly string[] Kinds = ["colours", "grey", "few chroma", "progressive", "progressive grey", "restarts"];

    [Test]
    public void AJpegThatLacksItsEndMarkerIsWhole([ValueSource(nameof(Kinds))] string kind, [Values(1, 2)] int missing)
    {
        var whole = Jpeg(kind);
        var expected = ImageFile.Read(folder.File("a.jpg", whole)).Samples;
        var (read, warnings) = Read("b.jpg", whole[..^missing]);
        Assert.That(read.Samples, Is.EqualTo(expected));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain("b.jpg").And.Contain("no end marker"));
        Strict(folder.File("b.jpg"));
        Assert.That(ImageFile.Probe(folder.File("b.jpg")).Width, Is.EqualTo(40));
    }

    [Test]
    public void AJpegThatLacksMoreIsRefused([ValueSource(nameof(Kinds))] string kind)
    {
        var whole = Jpeg(kind);
        for (var missing = 3; missing < whole.Length - 300; missing += 1 + (missing / 20)) Refused(whole[..^missing], $"{missing} bytes");
    }

    [Test]
    public void AProgressiveJpegWithoutItsLastScanIsRefused([Values("progressive", "progressive grey")] string kind)
    {
        var whole = Jpeg(kind);
        var scan = whole.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        Refused(whole[..scan], "at the scan");
        // Tables stand before it.
        Refused(whole[..whole.AsSpan(0, scan).LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4])], "before its tables");
    }

    [Test]
    public void BytesBehindTheEndAreNamed([Values("a.jpg", "a.png")] string name, [Values(1, 70_000)] int count)
    {
        ImageFile.Write(folder.File(name), Pictures.Ramp(40, 30, 3));
        var expected = ImageFile.Read(folder.File(name)).Samples;
        var (read, warnings) = Read(name, [.. File.ReadAllBytes(folder.File(name)), .. new byte[count]]);
        Assert.That(read.Samples, Is.EqualTo(expected));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain($"{count} bytes behind its end"));
        Strict(folder.File(name));
    }

    [Test]
    public void APngThatLacksIendIsWhole()
    {
        ImageFile.Write(folder.File("a.png"), Pictures.Ramp(40, 30, 3));
        var expected = ImageFile.Read(folder.File("a.png")).Samples;
        var (read, warnings) = Read("a.png", File.ReadAllBytes(folder.File("a.png"))[..^12]);
        Assert.That(read.Samples, Is.EqualTo(expected));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Strict(folder.File("a.png"));
    }

    [Test]
    public void AThumbnailIsNotTheEnd()
    {
        // A JPEG within a segment has markers of its own, and so has what looks like one among the coefficients (FF 00).
        var whole = Jpeg("colours");
        byte[] thumbnail = [0xFF, 0xE1, 0, 12, .. "Other\0"u8, 0xFF, 0xD8, 0xFF, 0xD9];
        var (_, warnings) = Read("a.jpg", [.. whole[..2], .. thumbnail, .. whole[2..]]);
        Assert.That(warnings, Is.Empty);
    }

    [Test]
    public void WholeFilesAreNotOdd([Values("a.png", "a.jpg", "a.webp", "a.tif", "a.bmp")] string name)
    {
        ImageFile.Write(folder.File(name), Pictures.Noise(40, 30, 3));
        List<string> warnings = [];
        ImageFile.Read(folder.File(name), new ReadingOptions { IsStrict = true, Warn = warnings.Add });
        ImageFile.Read(folder.File(name), new ReadingOptions { AcceptsDamage = true, Warn = warnings.Add });
        Assert.That(warnings, Is.Empty);
    }

    [Test]
    public void WhatCanBeDecodedOfADamagedFileIsTakenIfAsked([Values("a.jpg", "a.png", "a.tif")] string name)
    {
        ImageFile.Write(folder.File(name), Pictures.Noise(64, 640, 3));
        var (expected, whole) = (ImageFile.Read(folder.File(name)), File.ReadAllBytes(folder.File(name)));
        // A TIFF has its directory behind the pixels, so it is damaged in its midst.
        var damaged = whole[..(whole.Length / 2)];
        if (name == "a.tif") damaged = [.. damaged, .. new byte[4000], .. whole[(damaged.Length + 4000)..]];
        List<string> warnings = [];
        var read = ImageFile.Read(folder.File(name, damaged), new ReadingOptions { AcceptsDamage = true, Warn = warnings.Add });
        Assert.That(read.Samples[..(64 * 3 * 100)], Is.EqualTo(expected.Samples[..(64 * 3 * 100)]), "the rows before the damage");
        Assert.That(read.Samples, Is.Not.EqualTo(expected.Samples));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(name).And.Contain("what could be decoded"));
        Refused(damaged, "without being asked", name);
    }

    private (Image Picture, List<string> Warnings) Read(string name, byte[] content)
    {
        List<string> warnings = [];
        return (ImageFile.Read(folder.File(name, content), new ReadingOptions { Warn = warnings.Add }), warnings);
    }

    private static void Strict(string file) =>
        Assert.That(() => ImageFile.Read(file, new ReadingOptions { IsStrict = true }), Throws.InstanceOf<ImageException>().With.Message.Contains("--strict"));

    private void Refused(byte[] content, string what, string name = "cut.jpg") =>
        Assert.That(() => ImageFile.Read(folder.File(name, content)), Throws.InstanceOf<ImageException>(), what);

    private byte[] Jpeg(string kind)
    {
        using var picture = Pictures.Vips(Pictures.Noise(40, 30, kind.EndsWith("grey") ? 1 : 3));
        picture.Jpegsave(folder.File("whole.jpg"), q: 90, interlace: kind.StartsWith("progressive"), restartInterval: kind == "restarts" ? 2 : 0,
            subsampleMode: kind == "few chroma" ? NetVips.Enums.ForeignSubsample.On : NetVips.Enums.ForeignSubsample.Off);
        return File.ReadAllBytes(folder.File("whole.jpg"));
    }
}
