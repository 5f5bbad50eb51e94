using Srcnn.Cli;
using System.Text.Json;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

public sealed class UpscaleTests : WorkplaceTests
{
    private Invocation Upscale(params string[] args) => Invocation.Run(["upscale", "--model", work.Model, "--device", "host", .. args]);

    [TestCase(1, 1, 3, 8)]
    [TestCase(1, 9, 1, 8)]
    [TestCase(13, 7, 4, 8)]
    [TestCase(5, 3, 2, 16)]
    [TestCase(6, 5, 3, 16)]
    public void SizeDepthAndAlphaAreKept(int width, int height, int channels, int depth)
    {
        Upscale(work.Picture("a.png", width, height, channels, depth)).Succeeds();
        var info = ImageFile.Probe(work["a_x3.png"]);
        Assert.That((info.Width, info.Height, info.Channels, info.BitDepth), Is.EqualTo((3 * width, 3 * height, channels, depth)));
    }

    [TestCase("with space.png")]
    [TestCase("ünïcode 图.png")]
    [TestCase("@at.png")]
    [TestCase("[brackets].png")]
    public void AnyNameIsAName(string name)
    {
        Upscale(work.Picture(name)).Succeeds();
        Assert.That(File.Exists(work[Path.GetFileNameWithoutExtension(name) + "_x3.png"]));
    }

    [Test]
    public void ANewlineInANameStaysOutOfMessages()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("Windows has no such names");
        Assert.That(Upscale(work.Picture("new\nline.png")).Succeeds().Output.Count(c => c == '\n'), Is.EqualTo(1));
        Upscale(work["not\nthere.png"]).Fails(2, "no such file");
    }

    [Test]
    public void ALeadingDashNeedsTwoDashes()
    {
        Upscale("-dash.png").Fails(1, "'-dash.png' is unknown");
        Upscale("--", "-dash.png").Fails(2, "no such file");
    }

    [Test]
    public void MissingAndBrokenPictures()
    {
        Upscale(work["none.png"]).Fails(2, "no such file");
        File.WriteAllText(work["text.png"], "this is no picture at all");
        Upscale(work["text.png"]).Fails(2, "text.png");
        File.WriteAllBytes(work["empty.png"], []);
        Upscale(work["empty.png"]).Fails(2, "empty.png");
        var whole = File.ReadAllBytes(work.Picture("whole.png", 40, 40));
        File.WriteAllBytes(work["cut.png"], whole[..(whole.Length / 2)]);
        Upscale(work["cut.png"]).Fails(2, "cut.png");
        Assert.That(Directory.GetFiles(work.Folder, "*_x3*"), Is.Empty);
    }

    [Test]
    public void FolderWithoutPictures()
    {
        Directory.CreateDirectory(work["empty"]);
        Upscale(work["empty"]).Fails(2, "no pictures");
        Upscale(work["*.jpg"]).Fails(2, "matches no picture");
    }

    [Test]
    public void TooManyPixels() => Upscale(work.Picture("a.png"), "--max-pixels", "10").Fails(2, "63 pixels");

    [Test]
    public void ExistingOutputIsKeptSkippedOrReplaced()
    {
        var input = work.Picture("a.png");
        File.WriteAllText(work["a_x3.png"], "mine");
        Upscale(input).Fails(4, "--overwrite");
        Assert.That(File.ReadAllText(work["a_x3.png"]), Is.EqualTo("mine"));
        Upscale(input, "--skip-existing").Succeeds();
        Assert.That(File.ReadAllText(work["a_x3.png"]), Is.EqualTo("mine"));
        Upscale(input, "--overwrite").Succeeds();
        Assert.That(ImageFile.Probe(work["a_x3.png"]).Width, Is.EqualTo(27));
        Upscale(input, "--overwrite", "--skip-existing").Fails(1, "exclude each other");
    }

    [Test]
    public void OutputThatCannotBeWritten()
    {
        File.WriteAllText(work["file"], "");
        Upscale(work.Picture("a.png"), "-o", work["file", "b.png"]).Fails(4, "expected");
        Directory.CreateDirectory(work["d.png", "sub"]);
        Upscale(work["a.png"], "-o", work["x.xyz"]).Fails(1, ".xyz");
    }

    [Test]
    public void AnInputIsNeverReplacedUnasked()
    {
        var input = work.Picture("a.png");
        var before = File.ReadAllBytes(input);
        Upscale(input, "-o", input).Fails(1, "is an input");
        Upscale(input, "-o", work["sub", "..", "a.png"]).Fails(1, "is an input");
        Upscale(input, work.Picture("b.png"), "-o", work.Folder).Fails(1, "is an input");
        Assert.That(File.ReadAllBytes(input), Is.EqualTo(before));
        Upscale(input, "-o", input, "--overwrite").Succeeds();
        Assert.That(ImageFile.Probe(input).Width, Is.EqualTo(27));
    }

    [Test]
    public void ABadPictureDoesNotStopTheRest()
    {
        work.Picture(Path.Combine("in", "a.png"));
        work.Picture(Path.Combine("in", "c.png"));
        File.WriteAllText(work["in", "b.png"], "broken picture");
        var run = Upscale(work["in"], "--json");
        run.Fails(6, "b.png");
        using var json = JsonDocument.Parse(run.Output);
        Assert.That(json.RootElement.EnumerateObject().Select(p => p.Name), Is.EqualTo(new[] { "results", "failed" }));
        Assert.That(json.RootElement.GetProperty("failed").GetInt32(), Is.EqualTo(1));
        var results = json.RootElement.GetProperty("results").EnumerateArray().ToList();
        Assert.That(results[0].EnumerateObject().Select(p => p.Name), Is.EqualTo(new[] { "input", "output", "status", "width", "height", "ms", "error" }));
        Assert.That(results.Select(r => r.GetProperty("status").GetString()), Is.EqualTo(new[] { "done", "failed", "done" }));

        File.Delete(work["in", "b.png"]);
        using var again = JsonDocument.Parse(Upscale(work["in"], "--skip-existing", "--json").Succeeds().Output);
        Assert.That(again.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("status").GetString()), Is.All.EqualTo("skipped"));
    }

    [Test]
    public void FoldersAndPatterns()
    {
        work.Picture(Path.Combine("in", "a.png"));
        work.Picture(Path.Combine("in", "sub", "b.bmp"));
        Upscale(work["in"], "--recursive", "-o", work["out"]).Succeeds();
        Assert.That(File.Exists(work["out", "a.png"]) && File.Exists(work["out", "sub", "b.bmp"]));
        Upscale(work["in", "**", "*.bmp"], "-o", work["flat"], "--format", "png").Succeeds();
        Assert.That(Directory.GetFiles(work["flat"]).Select(Path.GetFileName), Is.EqualTo(new[] { "b.png" }));
        Upscale(work["in"], "-o", work["out.png"]).Fails(1, "expected a folder");
        Upscale(work["in", "a.png"], work.Picture("a.png"), "-o", work["out"]).Fails(1, "same output");
    }

    [Test]
    public void ComparisonSheetStandsBesideTheOutput()
    {
        Upscale(work.Picture("a.png"), "--compare").Succeeds();
        var sheet = ImageFile.Probe(work["a_x3_compare.png"]);
        const int Captions = 26, MoreLines = 20; // the model's path may take more
        Assert.That((sheet.Width, (sheet.Height - Captions) % MoreLines), Is.EqualTo((3 * 288 + 16, (21 + 8 + (4 * 21)) % MoreLines)), "captions, panels, and below them the detail");
        foreach (var (width, height) in (ReadOnlySpan<(int, int)>)[(1, 1), (1, 5), (40, 1)])
            Upscale(work.Picture("odd.png", width, height), "--compare", "--overwrite").Succeeds();
    }

    [Test]
    public void SeveralModelsStandOnOneSheet()
    {
        var input = work.Picture("a.png");
        Upscale(input, "--model", "bicubic", "--model", "fsrcnn-x3", "--compare").Succeeds();
        Assert.That(ImageFile.Probe(work["a_x3_compare.png"]).Width, Is.EqualTo(4 * 296 - 8), "bicubic has its panel anyway");
        Upscale(input, "-o", work["b.png"]).Succeeds();
        Assert.That(ImageFile.Read(work["a_x3.png"]).Samples, Is.EqualTo(ImageFile.Read(work["b.png"]).Samples), "the first model's");
        Upscale(input, "--model", "fsrcnn-x3").Fails(1, "add --compare");
        Upscale(input, "--model", "fsrcnn-x2", "--compare", "--overwrite").Fails(2, "scale");
    }

    [Test]
    public void AnOriginalIsShownAndMeasuredAgainst()
    {
        work.Picture(Path.Combine("in", "a.png"));
        work.Picture(Path.Combine("in", "b.png"), 8, 8);
        work.Picture(Path.Combine("hr", "a.bmp"), 29, 22); // as many more pixels as scale 3 leaves over
        var one = Upscale(work["in", "a.png"], "--compare", "--reference", work["hr", "a.bmp"], "-o", work["one.png"]).Succeeds();
        Assert.That(one.Error, Does.Match("one_compare.png: nearest [0-9.]+ dB, bicubic [0-9.]+ dB, .*model.safetensors [0-9.]+ dB on luma"));
        Assert.That(ImageFile.Probe(work["one_compare.png"]).Width, Is.EqualTo(4 * 296 - 8));

        Upscale(work["in"], "--compare", "--reference", work["hr"], "-o", work["out"]).Fails(6, "expected a picture named 'b'");
        Assert.That(File.ReadAllBytes(work["out", "a_compare.png"]), Is.EqualTo(File.ReadAllBytes(work["one_compare.png"])));
        work.Picture(Path.Combine("hr", "b.png"), 27, 24);
        Upscale(work["in"], "--compare", "--reference", work["hr"], "-o", work["out"], "--overwrite").Fails(6, "27×24 pixels of 3 channels and 8 bit; expected 24×24");
        Upscale(work["in"], "--compare", "--reference", work["hr", "a.bmp"], "-o", work["new"]).Fails(1, "one file for 2 pictures");
        Upscale(work["in", "a.png"], "--reference", work["hr"]).Fails(1, "add --compare");
        Upscale(work["in", "a.png"], "--compare", "--reference", work["none"]).Fails(2, "no such file");
    }

    [Test]
    public void ASecondRunOverAFolderLeavesResultsAndSheetsAlone()
    {
        work.Picture(Path.Combine("in", "a.png"));
        Upscale(work["in"], "--compare").Succeeds();
        var again = Upscale(work["in"], "--skip-existing").Succeeds();
        Assert.That(again.Error, Does.Not.Contain("1 done"));
        Assert.That(Directory.GetFiles(work["in"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "a.png", "a_x3.png", "a_x3_compare.png" }));
    }

    [Test]
    public void ModelsThatDoNotFit()
    {
        var input = work.Picture("a.png");
        Upscale(input, "--scale", "2").Fails(2, "a model for scale 3");
        Invocation.Run("upscale", input, "--model", "nothing").Fails(1, "model 'nothing' is unknown");
        Invocation.Run("upscale", input, "--model", work["none.safetensors"]).Fails(2, "no such file");
        var bytes = File.ReadAllBytes(work.Model);
        File.WriteAllBytes(work["cut.safetensors"], bytes[..^100]);
        Invocation.Run("upscale", input, "--model", work["cut.safetensors"]).Fails(2, "cut.safetensors");
        Invocation.Run("upscale", input, "--model", work["cut.safetensors"], "--device", "cuda:7").Fails(2, "cut.safetensors"); // before the device is looked for
        Invocation.Run("upscale", input, "--model", work.Model, "--scale", "2", "--device", "cuda:7").Fails(2, "a model for scale 3");
    }

    [Test]
    public void LargeScalesAreMadeOfSmallOnes()
    {
        Upscale(work.Picture("a.png"), "--scale", "9").Succeeds();
        Assert.That(ImageFile.Probe(work["a_x9.png"]).Width, Is.EqualTo(81));
        foreach (var scale in (int[])[6, 8, 9])
        {
            Invocation.Run("upscale", work["a.png"], "--scale", $"{scale}", "-o", work[$"{scale}.png"], "--device", "host").Succeeds(); // by the shipped ones
            Assert.That(ImageFile.Probe(work[$"{scale}.png"]).Width, Is.EqualTo(9 * scale));
        }
        Upscale(work["a.png"], "--scale", "6").Fails(2, "a model for scale 3");
    }

    [Test]
    public void AnySizeIsTheNextFactorShrunk()
    {
        work.Picture("a.png", 20, 10);
        Upscale(work["a.png"], "--size", "50x40").Succeeds();
        var box = ImageFile.Read(work["a_50x25.png"]);
        Assert.That((box.Width, box.Height), Is.EqualTo((50, 25)));
        Upscale(work["a.png"]).Succeeds();
        Assert.That(box.Samples, Is.EqualTo(Bicubic.Resize(ImageFile.Read(work["a_x3.png"]), 50, 25).Samples));
        Upscale(work["a.png"], "--megapixels", "0.0128", "-o", work["m.png"]).Succeeds(); // ×8: two times ×3, shrunk
        Assert.That(ImageFile.Probe(work["m.png"]).Width, Is.EqualTo(160));
        Upscale(work["a.png"], "--size", "10x10", "-o", work["s.png"]).Succeeds();
        Assert.That(ImageFile.Probe(work["s.png"]).Height, Is.EqualTo(5));
        using var pipe = File.OpenRead(work["a.png"]);
        using StringWriter output = new(), error = new();
        Invocation.Run(["upscale", "--model", work.Model, "--device", "host", "-", "-o", work["folder/"], "--name", "{size}", "--size", "50x40"], new Terminal(output, error, input: pipe)).Succeeds();
        Assert.That(File.Exists(work["folder", "50x40.png"]), "of a stream nothing is known ahead");
        Upscale(work["a.png"], "--size", "wide").Fails(1, "1920x1080");
        Upscale(work["a.png"], "--size", "50x40", "--scale", "3").Fails(1, "exclude each other");
        Upscale(work["a.png"], "--size", "90000x90000").Fails(1, "ask for a smaller one");
    }

    [TestCase("1.5", 30, 15, 2)]
    [TestCase("5", 100, 50, 6)]
    [TestCase("7", 140, 70, 8)]
    [TestCase("2.05", 41, 20, 3, Description = "20.5 rows, halves to even")]
    public void AnyFactorIsTheNextOneShrunk(string factor, int width, int height, int next)
    {
        work.Picture("a.png", 20, 10);
        string[] upscale = ["upscale", work["a.png"], "--device", "host", "--model", "fast"];
        Invocation.Run([.. upscale, "--scale", factor]).Succeeds();
        Invocation.Run([.. upscale, "--scale", $"{next}", "-o", work["next.png"]]).Succeeds();
        var made = ImageFile.Read(work[$"a_x{factor}.png"]);
        Assert.That((made.Width, made.Height), Is.EqualTo((width, height)));
        Assert.That(made.Samples, Is.EqualTo(Bicubic.Resize(ImageFile.Read(work["next.png"]), width, height).Samples));
    }

    [Test]
    public void FactorsOutOfReachAreRefused()
    {
        Upscale(work.Picture("a.png"), "--scale", "0.5").Fails(1, "expected 1 to 16");
        Upscale(work["a.png"], "--scale", "NaN").Fails(1, "--scale is NaN");
        Upscale(work["a.png"], "--scale", "2.5", "--compare").Fails(1, "--compare");
    }

    [Test]
    public void ABackgroundTakesTheAlphaAway()
    {
        work.Picture("a.png", 12, 9, channels: 4);
        Upscale(work["a.png"], "-o", work["a.jpg"]).Fails(2, "--background white");
        Upscale(work["a.png"], "-o", work["a.jpg"], "--background", "white").Succeeds();
        Assert.That(ImageFile.Probe(work["a.jpg"]).Channels, Is.EqualTo(3));
        Upscale(work["a.png"], "-o", work["b.png"], "--background", "#ff0080").Succeeds();
        using (var reader = ImageFile.Open(work["a.png"]))
        using (var flat = new FlatteningReader(reader, 0xff, 0, 0x80))
            ImageFile.Write(work["flat.png"], ImageFile.ReadAll(flat));
        Upscale(work["flat.png"], "-o", work["c.png"]).Succeeds();
        Assert.That(ImageFile.Read(work["b.png"]).Samples, Is.EqualTo(ImageFile.Read(work["c.png"]).Samples));
        foreach (var color in (string[])["", "nocolour", "#12345", "ActiveBorder", "transparent"]) Upscale(work["a.png"], "--background", color).Fails(1, $"--background is '{color}'");
    }

    [TestCase("--wrap", 7, 5)]
    [TestCase("--wrap-x", 7, 0)]
    public void AWrappedPictureHasNoEdge(string option, int right, int down)
    {
        // Moved around, it must come out moved around; the last bits differ, since blocks begin elsewhere.
        var picture = Workplace.Noise(40, 30);
        ImageFile.Write(work["a.png"], picture);
        ImageFile.Write(work["moved.png"], Moved(picture, right, down));
        foreach (var name in (string[])["a.png", "moved.png"])
            Invocation.Run("upscale", work[name], option, "-o", work["large-" + name], "--device", "host", "--model", "fast").Succeeds(); // its layers reach far
        var (expected, actual) = (Moved(ImageFile.Read(work["large-a.png"]), right * 3, down * 3), ImageFile.Read(work["large-moved.png"]));
        Assert.That((actual.Width, actual.Height), Is.EqualTo((120, 90)));
        Assert.That(actual.Samples.Zip(expected.Samples, (a, b) => Math.Abs(a - b)).Max(), Is.LessThanOrEqualTo(1));
        Invocation.Run("upscale", work["a.png"], "-o", work["plain.png"], "--device", "host", "--model", "fast").Succeeds();
        Assert.That(ImageFile.Read(work["plain.png"]).Samples, Is.Not.EqualTo(ImageFile.Read(work["large-a.png"]).Samples));
        Upscale(work["a.png"], option, "--size", "50x40").Fails(1, "--wrap");
        Upscale(work["a.png"], option, "--compare").Fails(1, "--wrap");
    }

    private static Image Moved(Image image, int right, int down)
    {
        var moved = new Image(image.Width, image.Height, image.Channels);
        for (var y = 0; y < image.Height; y++)
        for (var x = 0; x < image.Width; x++)
            image.Row(y).Slice(x * image.Channels, image.Channels).CopyTo(moved.Row((y + down) % image.Height)[((x + right) % image.Width * image.Channels)..]);
        return moved;
    }

    [Test]
    public void ShardsShareAList()
    {
        foreach (var name in (string[])["a.png", "b.png", "c.png"]) work.Picture(Path.Combine("in", name));
        Upscale(work["in"], "-o", work["out"], "--shard", "1/2").Succeeds();
        Assert.That(Directory.GetFiles(work["out"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "a.png", "c.png" }));
        Upscale(work["in"], "-o", work["out"], "--shard", "2/2").Succeeds();
        Assert.That(File.Exists(work["out", "b.png"]));
        Upscale(work["in"], "--shard", "3/2").Fails(1, "2/8");
    }

    [Test]
    public void TheEnsembleIsAnotherPicture()
    {
        Upscale(work.Picture("a.png"), "-o", work["one.png"]).Succeeds();
        Upscale(work["a.png"], "-o", work["eight.png"], "--self-ensemble").Succeeds();
        Image one = ImageFile.Read(work["one.png"]), eight = ImageFile.Read(work["eight.png"]);
        Assert.That(eight.Width, Is.EqualTo(one.Width));
        Assert.That(eight.Samples, Is.Not.EqualTo(one.Samples));
    }

    [Test]
    public void BicubicNeedsNoModel()
    {
        Invocation.Run("upscale", work.Picture("a.png"), "--model", "bicubic", "--scale", "2").Succeeds();
        Assert.That(ImageFile.Probe(work["a_x2.png"]).Width, Is.EqualTo(18));
    }
}
