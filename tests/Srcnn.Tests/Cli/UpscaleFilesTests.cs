using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

/// <summary>Files as people have them: not quite whole, of several pages, of other formats.</summary>
public sealed class UpscaleFilesTests : WorkplaceTests
{
    private Invocation Upscale(params string[] args) => Invocation.Run(["upscale", "--model", work.Model, "--device", "host", .. args]);

    [Test]
    public void AFileWithoutItsEndMarkerIsTakenWithAWarningUnlessStrict()
    {
        var file = work["a.jpg"];
        File.WriteAllBytes(file, File.ReadAllBytes(work.Picture("whole.jpg", 40, 30))[..^2]);
        Upscale(file, "--strict").Fails(2, "no end marker");
        Assert.That(Upscale(file).Succeeds().Error, Does.Contain("warning").And.Contain("no end marker"));
    }

    [Test]
    public void ADamagedFileIsTakenIfAsked()
    {
        var file = work["a.png"];
        File.WriteAllBytes(file, File.ReadAllBytes(work.Picture("whole.png", 60, 60))[..5000]);
        Upscale(file).Fails(2, "--damaged accept");
        Assert.That(Upscale(file, "--damaged", "accept").Succeeds().Error, Does.Contain("warning").And.Contain("a.png"));
        Upscale(file, "--damaged", "maybe").Fails(1, "refuse or accept");
        Upscale(file, "--damaged", "accept", "--strict").Fails(1, "contradict");
    }

    [Test]
    public void WhatTheOutputHasNoPlaceForIsNamed()
    {
        var picture = Workplace.Noise(9, 7);
        ImageFile.Write(work["a.png"], new Image(9, 7, 3, 8, picture.Samples, new ImageMetadata(Xmp: "<x/>"u8.ToArray()) { Texts = [new TextNote("Title", "A")] }));
        Assert.That(Upscale(work["a.png"]).Succeeds().Error, Does.Not.Contain("warning"));
        Assert.That(Upscale(work["a.png"], "--format", "jpeg").Succeeds().Error, Does.Contain("no place for its texts;"));
    }

    [Test]
    public void AllPagesOfATiffOrTheOneAskedFor()
    {
        var page = new Imaging.TiffPage(9, 7, 1, 1, new double[63]);
        File.WriteAllBytes(work["a.tif"], Imaging.TiffFile.Of(page, page, page));
        Upscale(work["a.tif"]).Succeeds();
        Assert.That(ImageFile.Probe(work["a_x3.tif"]).Pages, Is.EqualTo(3));
        Upscale(work["a.tif"], "--format", "png").Fails(2, "3 pages for a PNG file");
        Upscale(work["a.tif"], "--format", "png", "--page", "2").Succeeds();
        Upscale(work["a.tif"], "--page", "4", "--overwrite").Fails(2, "page 4 of 3");
        Upscale(work["a.tif"], "--compare", "--overwrite").Fails(1, "--page N");
        Upscale(work["a.tif"], "--size", "18x18", "--overwrite").Succeeds();
    }
}
