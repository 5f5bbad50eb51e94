using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

/// <summary>The page of a run.</summary>
public sealed class UpscaleReportTests : WorkplaceTests
{
    private Invocation Upscale(params string[] args) => Invocation.Run(["upscale", "--model", work.Model, "--device", "host", "--report", work["page.html"], .. args]);

    [Test]
    public void EveryPictureHasASliderAndEveryFileALine()
    {
        work.Picture(Path.Combine("in", "a<b>.png"));
        work.Picture(Path.Combine("in", "c.png"), 9, 7, 4, 16);
        File.WriteAllText(work["in", "broken.png"], "no picture at all");
        Assert.That(Upscale(work["in"], "-o", work["out"]).Code, Is.EqualTo(6));
        var page = File.ReadAllText(work["page.html"]);
        Assert.That(page.Split("class=\"slider\"").Length - 1, Is.EqualTo(2));
        Assert.That(page, Does.Contain("a&lt;b&gt;.png").And.Not.Contain("a<b>"));
        Assert.That(page, Does.Contain("<td>failed</td>").And.Contain("9&#215;7 to 27&#215;21").And.Contain("Files: 3, shown: 2"));
        Assert.That(page, Does.Not.Contain("http").And.Not.Contain("<script"), "nothing from elsewhere");
    }

    [Test]
    public void TheInputIsShownThoughTheOutputTookItsPlace()
    {
        var input = work.Picture("a.png");
        Upscale(input, "-o", input, "--overwrite", "--size", "20x20").Succeeds();
        Assert.That(ImageFile.Probe(input).Width, Is.EqualTo(20));
        Assert.That(File.ReadAllText(work["page.html"]), Does.Contain("9&#215;7 to 20&#215;16"));
    }

    [Test]
    public void APlaceThatDoesNotFitIsFoundBeforeTheWork()
    {
        var input = work.Picture("a.png");
        File.WriteAllText(work["page.html"], "mine");
        Upscale(input).Fails(4, "page.html exists");
        Assert.That(File.Exists(work["a_x3.png"]), Is.False);
    }
}
