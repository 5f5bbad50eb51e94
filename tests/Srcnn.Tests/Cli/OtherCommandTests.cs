using System.Text.Json;
using Srcnn.Cli;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

public sealed class OtherCommandTests : WorkplaceTests
{
    [Test]
    public void EvaluateJsonHasTheDocumentedKeys()
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        var run = Invocation.Run("evaluate", "--device", "host", "--model", work.Model, "bicubic", "--data", work["set"], "--json", "--report", work["r.html"]).Succeeds();
        using var json = JsonDocument.Parse(run.Output);
        var first = json.RootElement[0];
        static string[] Keys(JsonElement e) => [.. e.EnumerateObject().Select(p => p.Name)];
        Assert.That(Keys(first), Is.EqualTo(new[] { "model", "network", "scale", "protocol", "device", "dataset", "images", "mean" }));
        Assert.That(Keys(first.GetProperty("images")[0]), Is.EqualTo(new[] { "name", "width", "height", "psnr", "ssim", "bicubic", "ms" }));
        Assert.That(Keys(first.GetProperty("mean")), Is.EqualTo(new[] { "psnr", "ssim", "bicubic" }));
        Assert.That(first.GetProperty("images")[0].GetProperty("width").GetInt32(), Is.EqualTo(39));
        Assert.That(json.RootElement[1].GetProperty("network").ValueKind, Is.EqualTo(JsonValueKind.Null));
        var page = File.ReadAllText(work["r.html"]);
        Assert.That(page, Does.Contain("data:image/png"));
        Assert.That(page.Split("<circle").Length - 1, Is.EqualTo(2), "both models in the plot of quality against time");
        Invocation.Run("evaluate", "--model", "bicubic", "--data", work["set"], "--report", work["r.html"]).Fails(4, "--overwrite");
    }

    [Test]
    public void EvaluateStressSaysWhatIsPromisedAndMissed()
    {
        using var json = JsonDocument.Parse(Invocation.Run("evaluate", "--stress", "--device", "host", "--model", "bicubic", work.Model, "--scale", "3", "--json").Succeeds().Output);
        var bicubic = json.RootElement[0];
        Assert.That(bicubic.EnumerateObject().Select(p => p.Name), Is.EqualTo(new[] { "model", "scale", "class", "pictures", "overshoot", "lineArtGain", "misses" }));
        Assert.That(bicubic.GetProperty("pictures").EnumerateArray().Count(p => p.GetProperty("recorded").GetBoolean()), Is.EqualTo(60));
        Assert.That(bicubic.GetProperty("misses")[0].GetString(), Does.StartWith("text and lines"), "held to paper as it promises nothing: it hides behind itself");
        Assert.That(json.RootElement[1].GetProperty("class").ValueKind, Is.EqualTo(JsonValueKind.Null), "a model that promises nothing");
        Invocation.Run("evaluate", "--stress", "--device", "host", "--model", "bicubic", "--scale", "2").Succeeds();
        Invocation.Run("evaluate", "--stress", "--data", work["set"]).Fails(1, "no --data beside it");
        Invocation.Run("evaluate", "--stress", "--protocol", "y").Fails(1, "no --protocol beside it");
        Invocation.Run("evaluate", "--stress", "--model", "missing").Fails(1, "missing");
    }

    [Test]
    public void EvaluateNamesEveryBrokenPicture()
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        File.WriteAllText(work["set", "b.png"], "broken picture");
        work.Picture(Path.Combine("set", "tiny.png"), 5, 5);
        Invocation.Run("evaluate", "--model", "bicubic", "--data", work["set"]).Fails(2, "b.png").Fails(2, "tiny.png");
        Directory.CreateDirectory(work["empty"]);
        Invocation.Run("evaluate", "--model", "bicubic", "--data", work["empty"]).Fails(2, "no pictures");
    }

    [Test]
    public void EvaluateOpensEverythingBeforeItComputes()
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        string[] evaluate = ["evaluate", "--device", "host", "--data", work["set"], "--model", work.Model];
        foreach (var (model, code) in new[] { (work["missing.safetensors"], 2), ("nothing", 1) })
        {
            var run = Invocation.Run([.. evaluate, model]).Fails(code, Path.GetFileName(model));
            Assert.That(run.Output + run.Error, Does.Not.Contain("a.png"), "nothing was measured");
        }
        work.Picture(Path.Combine("set", "tiny.png"), 5, 5);
        Assert.That(Invocation.Run(evaluate).Fails(2, "tiny.png").Error, Does.Not.Contain("[1/2]"), "headers are read first");
    }

    [TestCase(false)]
    [TestCase(true)]
    public void EvaluatePrintsWhatWasComputedBeforeItWasStopped(bool json)
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        using var stop = new CancellationTokenSource();
        using StringWriter output = new(), error = new StopAt("bicubic [1/1]", stop);
        string[] evaluate = ["evaluate", "--data", work["set"], "--device", "host", "--model", "bicubic", "bicubic", .. json ? (string[])["--json"] : []];
        var run = Invocation.Run(evaluate, new Terminal(output, error), stop.Token);
        Assert.That(run.Code, Is.EqualTo(130));
        if (!json) Assert.That(run.Output, Does.Contain("bicubic on set").And.Contain("mean").And.Not.Contain("all models"));
        else Assert.That(JsonDocument.Parse(run.Output).RootElement.GetArrayLength(), Is.EqualTo(1));
    }

    /// <summary>Wishes to stop once a line holds a text.</summary>
    private sealed class StopAt(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value!.Contains(text, StringComparison.Ordinal)) stop.Cancel();
        }
    }

    [TestCase("selftest", "--device", "host", "--model", "bicubic-is-none")]
    [TestCase("data", "check", "set")]
    [TestCase("evaluate", "--data", "set", "--model", "bicubic")]
    [TestCase("data", "degrade", "set", "-o", "small")]
    public void TheFirstWishToStopIsHeard(params string[] command)
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        using StringWriter output = new(), error = new();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        string[] inPlace = [.. command.Select(c => c is "set" or "small" ? work[c] : c)];
        Assert.That(Invocation.Run(inPlace, new Terminal(output, error), stop.Token).Code, Is.EqualTo(130));
    }

    [Test]
    public void PicturesOfOtherToolsAreScored()
    {
        work.Picture(Path.Combine("hr", "a.png"), 40, 37);
        Directory.CreateDirectory(work["sr"]);
        ImageFile.Write(work["sr", "a.bmp"], ImageFile.Read(work["hr", "a.png"])); // another extension, the same name
        using var json = JsonDocument.Parse(Invocation.Run("evaluate", "--sr", work["sr"], "--hr", work["hr"], "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("mean").GetProperty("psnr").ValueKind, Is.EqualTo(JsonValueKind.Null), "equal pictures: infinite");
        Assert.That(json.RootElement.GetProperty("mean").GetProperty("ssim").GetDouble(), Is.EqualTo(1).Within(1e-12));
        work.Picture(Path.Combine("hr", "b.png"), 40, 37);
        Invocation.Run("evaluate", "--sr", work["sr"], "--hr", work["hr"]).Fails(2, "b.png");
    }

    [Test]
    public void SelfTestPassesOnHost()
    {
        using var json = JsonDocument.Parse(Invocation.Run("selftest", "--device", "host", "--model", work.Model, "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("passed").GetBoolean());
        Assert.That(json.RootElement.GetProperty("ops").EnumerateArray().Any(o => o.GetProperty("op").GetString() == "model, fast"));
    }

    [Test, Category("nightly"), Explicit("half a minute; choose it with --filter TestCategory=nightly")]
    public void SelfTestOfAllShippedNetworksPassesOnHost() => Invocation.Run("selftest", "--device", "host").Succeeds();

    [Test]
    public void DevicesAlwaysHaveHost()
    {
        using var json = JsonDocument.Parse(Invocation.Run("devices", "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("name").GetString()), Does.Contain("host"));
    }

    [Test]
    public void InfoAndImport()
    {
        using var json = JsonDocument.Parse(Invocation.Run("info", work.Model, "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("network").GetString(), Is.EqualTo("srcnn-5-1-3"));
        Assert.That(json.RootElement.GetProperty("sha256").GetString(), Has.Length.EqualTo(64));
        Invocation.Run("import", work.Model, "-o", work["copy.safetensors"]).Succeeds();
        Invocation.Run("import", work.Model, "-o", work["copy.safetensors"]).Fails(4, "--overwrite");
        Invocation.Run("import", work.Model, "--scale", "2", "-o", work["two.safetensors"]).Fails(2, "scale 3");
        Invocation.Run("import", work.Model, "-o", work.Model).Fails(1, "is the input");
        File.WriteAllText(work["w.mat"], "no MATLAB file");
        Invocation.Run("import", work["w.mat"], "--scale", "3", "-o", work["w.safetensors"]).Fails(2, "w.mat");
        Assert.That(File.Exists(work["w.safetensors"]), Is.False);
    }

    [Test]
    public void DataIsMadeDegradedAndChecked()
    {
        Invocation.Run("data", "synth", "-o", work["hr"], "-n", "2", "--width", "40", "--height", "32").Succeeds();
        Invocation.Run("data", "synth", "-o", work["hr"], "-n", "2").Fails(4, "--overwrite");
        Invocation.Run("data", "degrade", work["hr"], "--scale", "3", "-o", work["lr"]).Succeeds();
        Assert.That(ImageFile.Probe(work["lr", "synth-0000.png"]).Width, Is.EqualTo(13));
        Invocation.Run("data", "check", work["hr"]).Succeeds();
        File.WriteAllText(work["hr", "bad.png"], "broken picture");
        Invocation.Run("data", "check", work["hr"]).Fails(2, "1 broken");
        Invocation.Run("data", "list").Succeeds();
    }
}
