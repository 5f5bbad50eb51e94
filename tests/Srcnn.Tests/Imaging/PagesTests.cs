using Srcnn.Engine.Imaging;
using Srcnn.Engine.Upscaling;
using Image = Srcnn.Engine.Imaging.Image;

namespace Srcnn.Tests.Imaging;

/// <summary>Files of several pages or frames: all, one that is asked for, or a refusal by name.</summary>
public sealed class PagesTests : FolderTests
{
    private const int ReducedCopy = 1;

    private static readonly TiffPage Colors = Page(6, 4, 3, 2, seed: 1), Grey = Page(3, 5, 1, 1, seed: 2), Deep = Page(4, 4, 4, 2, bits: 16, seed: 3, (338, 3, [2]), (0x010D, 2, [.. "Third\0"u8.ToArray().Select(b => (uint)b)]));

    [Test]
    public void EveryPageOfATiffIsEnlargedIntoATiff()
    {
        folder.File("a.tif", TiffFile.Of(Colors, Grey, Deep));
        using (var upscaler = Upscaler.Bicubic(3)) upscaler.Upscale(folder.File("a.tif"), folder.File("b.tif"));
        Assert.That(folder.Names(), Is.EqualTo(new[] { "a.tif", "b.tif" }));
        foreach (var (page, number) in new[] { Colors, Grey, Deep }.Select((page, i) => (page, i + 1)))
        {
            folder.File("one.tif", TiffFile.Of(page));
            Image expected;
            using (var upscaler = Upscaler.Bicubic(3)) expected = upscaler.Upscale(ImageFile.Read(folder.File("one.tif")));
            var read = ImageFile.Read(folder.File("b.tif"), new ReadingOptions { Page = number });
            Assert.That((read.Width, read.Height, read.Channels, read.BitDepth), Is.EqualTo((expected.Width, expected.Height, expected.Channels, expected.BitDepth)), $"page {number}");
            Assert.That(read.Samples, Is.EqualTo(expected.Samples), $"page {number}");
            // libvips itself, which knows nothing of how pages were linked.
            using var other = NetVips.Image.Tiffload(folder.File("b.tif"), page: number - 1);
            Assert.That(other.Width, Is.EqualTo(expected.Width));
            Assert.That(other.Getpoint(1, 1), Is.EqualTo(Array.ConvertAll(expected.Row(1).Slice(expected.Channels, expected.Channels).ToArray(), s => (double)s)));
        }
        using var third = NetVips.Image.Tiffload(folder.File("b.tif"), n: 1);
        Assert.That(third.Get("n-pages"), Is.EqualTo(3));
    }

    [Test]
    public void WhatAPageSaysStaysWithIt()
    {
        var profile = NetVips.Image.ProfileLoad("p3");
        List<ImageInfo> infos = [];
        foreach (var (metadata, width) in ((ImageMetadata, int)[])[(new ImageMetadata(Exif: MetadataTests.CameraExif, Resolution: (11811, 11811)), 5), (new ImageMetadata(Icc: profile), 7), (ImageMetadata.Empty, 9)])
            infos.Add(new ImageInfo(ImageFormat.Tiff, width, 3, 3, 8, metadata));
        using (var writer = ImageFile.Create(folder.File("a.tif"), infos))
        {
            foreach (var info in infos)
            {
                using var page = writer.Next(info);
                page.WriteRows(new ushort[info.Width * 9]);
                page.Complete();
            }
            writer.Complete();
        }
        var read = Enumerable.Range(1, 3).Select(page =>
        {
            using var reader = ImageFile.Open(folder.File("a.tif"), new ReadingOptions { Page = page });
            return reader.Info;
        }).ToArray();
        Assert.That(read.Select(r => r.Width), Is.EqualTo(new[] { 5, 7, 9 }));
        Assert.That(read.Select(r => r.Metadata.Exif is null), Is.EqualTo(new[] { false, true, true }));
        Assert.That(read.Select(r => r.Metadata.Icc?.Length ?? 0), Is.EqualTo(new[] { 0, profile.Length, 0 }));
        Assert.That(read.Select(r => r.Metadata.PixelsPerMetre is null), Is.EqualTo(new[] { false, true, true }));
        var dates = Tool.Run("exiftool", "-a", "-G1", "-s", folder.File("a.tif"));
        Assert.That(dates, Does.Contain("Makers & Sons").And.Contain("[IFD2]").And.Not.Contain("Warning"));
    }

    [Test]
    public void OnePageIsTakenIfAskedFor()
    {
        folder.File("a.tif", TiffFile.Of(Colors, Grey, Deep));
        Assert.That(ImageFile.Pages(folder.File("a.tif")), Is.EqualTo(new int?[] { 1, 2, 3 }));
        Assert.That(ImageFile.Probe(folder.File("a.tif")).Pages, Is.EqualTo(3));
        Assert.That(ImageFile.Read(folder.File("a.tif"), new ReadingOptions { Page = 2 }).Channels, Is.EqualTo(1));
        Assert.That(() => ImageFile.Read(folder.File("a.tif")), Throws.InstanceOf<ImageException>().With.Message.Contains("3 pages").And.Message.Contains("--page"));
        foreach (var page in (int[])[0, 4]) Assert.That(() => ImageFile.Read(folder.File("a.tif"), new ReadingOptions { Page = page }), Throws.InstanceOf<ImageException>().With.Message.Contains($"page {page} of 3"));
        ImageFile.Write(folder.File("one.png"), Pictures.Noise(3, 3, 3));
        Assert.That(() => ImageFile.Read(folder.File("one.png"), new ReadingOptions { Page = 2 }), Throws.InstanceOf<ImageException>());
    }

    [Test]
    public void APageThatCannotBeReadIsFoundBeforeTheWork()
    {
        folder.File("a.tif", TiffFile.Of(Colors, Page(4, 4, 1, 4)));
        using var upscaler = Upscaler.Bicubic(2);
        Assert.That(() => upscaler.Upscale(folder.File("a.tif"), folder.File("b.tif")), Throws.InstanceOf<ImageException>().With.Message.Contains("transparency mask"));
        Assert.That(() => upscaler.Upscale(folder.File("a.tif", TiffFile.Of(Colors, Grey)), folder.File("b.png")), Throws.InstanceOf<ImageException>().With.Message.Contains("2 pages for a PNG"));
        Assert.That(folder.Names(), Is.EqualTo(new[] { "a.tif" }));
    }

    [Test]
    public void SmallerCopiesAreLeftOutWithAWord()
    {
        folder.File("a.tif", TiffFile.Of(Colors, Page(3, 2, 3, 2, tags: (254, 4, [ReducedCopy])), Grey));
        List<string> warnings = [];
        Assert.That(ImageFile.Pages(folder.File("a.tif"), warnings.Add), Is.EqualTo(new int?[] { 1, 3 }));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain("1 of its 3 pages"));
    }

    [Test]
    public void AChainOfPagesThatComesBackEnds()
    {
        var file = TiffFile.Of(Colors, Grey);
        var first = BitConverter.ToInt32(file, 4);
        // The last four bytes say that nothing follows.
        BitConverter.GetBytes(first).CopyTo(file, file.Length - 4);
        Assert.That(ImageFile.Pages(folder.File("a.tif", file)), Has.Count.EqualTo(2));
    }

    [Test]
    public void AnimationsAreRefusedByNameAndAFrameIsTakenIfAskedFor()
    {
        using var first = Pictures.Vips(Pictures.Ramp(24, 16, 3));
        using var second = first.Invert();
        using var strip = NetVips.Image.Arrayjoin([first, second], across: 1);
        using var film = strip.Mutate(m => m.Set(NetVips.GValue.GIntType, "page-height", 16));
        film.Webpsave(folder.File("film.webp"), lossless: true);
        Assert.That(() => ImageFile.Read(folder.File("film.webp")), Throws.InstanceOf<ImageException>().With.Message.Contains("2 frames (WebP)"));
        Assert.That(ImageFile.Read(folder.File("film.webp"), new ReadingOptions { Page = 2 }).Samples[0], Is.EqualTo(255 - Pictures.Ramp(24, 16, 3).Samples[0]));

        ImageFile.Write(folder.File("a.png"), Pictures.Ramp(24, 16, 3));
        var png = File.ReadAllBytes(folder.File("a.png"));
        byte[] control = [.. "acTL"u8, 0, 0, 0, 3, 0, 0, 0, 0]; // three frames, endless
        control = [0, 0, 0, 8, .. control, .. IccProfile.Int32((int)System.IO.Hashing.Crc32.HashToUInt32(control))];
        folder.File("a.png", [.. png[..33], .. control, .. png[33..]]);
        Assert.That(() => ImageFile.Read(folder.File("a.png")), Throws.InstanceOf<ImageException>().With.Message.Contains("3 frames (PNG)"));
        Assert.That(ImageFile.Read(folder.File("a.png"), new ReadingOptions { Page = 1 }).Samples, Is.EqualTo(Pictures.Ramp(24, 16, 3).Samples));
        Assert.That(() => ImageFile.Read(folder.File("a.png"), new ReadingOptions { Page = 2 }), Throws.InstanceOf<ImageException>().With.Message.Contains("first frame"));
    }

    private static TiffPage Page(int width, int height, int channels, int photometric, int bits = 8, int seed = 0, params (ushort, ushort, uint[])[] tags) =>
        new(width, height, channels, photometric, [.. Pictures.Noise(width, height, channels, bits, seed).Samples.Select(s => (double)s)], bits, Tags: tags);
}
