using System.Text.Json;
using Srcnn.Cli;

namespace Srcnn.Tests.Cli;

public sealed class TrainTests : WorkplaceTests
{
    private Invocation Train(params string[] args) =>
        Invocation.Run(["train", "--device", "host", "--network", "srcnn-5-1-3", "--steps", "4", "--batch", "2", "--log-every", "2", "--save-every", "4", .. args.Contains("--out") ? args : [.. args, "--out", work["run"]]]);

    [Test]
    public void TrainsResumesAndIsUsable()
    {
        using var json = JsonDocument.Parse(Train("--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("steps").GetInt32(), Is.EqualTo(4));
        foreach (var name in (string[])["config.json", "log.jsonl", "model.safetensors", "report.html"]) Assert.That(File.Exists(work["run", name]), name);
        Train().Fails(4, "holds a run already");
        Invocation.Run("train", "--device", "host", "--out", work["run"], "--resume", "--steps", "6").Succeeds();
        Invocation.Run("upscale", work.Picture("a.png"), "--model", work["run", "model.safetensors"], "--device", "host").Succeeds();
        Train("--overwrite").Succeeds();
    }

    [TestCase("100000"), TestCase("1e10")]
    public void DivergenceIsFive(string rate) => Train("--optimizer", "sgd", "--lr", rate, "--schedule", "constant").Fails(5, "loss is");

    [Test]
    public void ARangeTestTellsARateEvenIfTheLossExplodes()
    {
        var result = Invocation.Run(
            "train", "--device", "host", "--network", "srcnn-5-1-3", "--batch", "2", "--out", work["run"],
            "--schedule", "range", "--optimizer", "sgd", "--lr", "1e9", "--lr-end", "1e-3", "--steps", "100", "--log-every", "1").Succeeds();
        Assert.That(result.Output, Does.Contain("--lr "));
        Assert.That(result.Error, Does.Contain("the loss is"));
        Assert.That(File.ReadAllText(work["run", "report.html"]), Does.Contain("Loss over the learning rate"));
    }

    [Test]
    public void RunsAreReportedTogether()
    {
        Train("--out", work["a"]).Succeeds();
        Train("--out", work["b"], "--seed", "2").Succeeds();
        Invocation.Run("report", work["a"], work["b"], "-o", work["both.html"], "--device", "host").Succeeds();
        Assert.That(File.ReadAllText(work["both.html"]), Does.Contain("2 runs"));
        Directory.CreateDirectory(work["begun"]);
        File.Copy(work["a", "config.json"], work["begun", "config.json"]);
        Assert.That(Invocation.Run("report", work["begun"], "-o", work["begun.html"], "--device", "host").Succeeds().Error, Does.Contain("begun has no model yet").And.Contain("open it in a browser"));
        Invocation.Run("report", work["a"], "-o", work["both.html"]).Fails(4, "exists");
        Invocation.Run("report", work["nothing"], "-o", work["other.html"]).Fails(2, "no such folder");
    }

    [Test]
    public void RecipesAreKnownByName()
    {
        Train("--recipe", "srcnn-9-1-5-x3-quick").Succeeds();
        Assert.That(File.ReadAllText(work["run", "config.json"]), Does.Contain("\"soap\"").And.Contain("srcnn-5-1-3"), "options win");
        Train("--recipe", "srcnn").Fails(1, "srcnn-9-1-5-x3-quick");
        Train("--recipe", "srcnn-9-1-5-x3", "--config", "c.json").Fails(1, "exclude each other");
    }

    [Test]
    public void DataThatCannotBeUsed()
    {
        Directory.CreateDirectory(work["empty"]);
        Train("--data", work["empty"]).Fails(2, "no pictures");
        Train("--data", work["nowhere"]).Fails(2, "does not exist");
        work.Picture(Path.Combine("small", "a.png"), 20, 20);
        Train("--data", work["small"], "--val", work["small"]).Fails(2, "33×33");
        // None of these began a run that would be in the way, or left anything behind.
        Assert.That(Directory.Exists(work["run"]), Is.False);
        Train().Succeeds();
    }

    [Test]
    public void FoldersInFoldersAreForTheAsking()
    {
        for (var i = 0; i < 10; i++) work.Picture(Path.Combine("data", $"{i % 3}", $"{i}.png"), 60 + i, 60);
        Train("--data", work["data"]).Fails(2, "no pictures");
        Train("--data", work["data"], "--recursive").Succeeds();
        Assert.That(File.ReadAllText(work["run", "config.json"]), Does.Contain("\"recursive\": true"));
        Invocation.Run("train", "--device", "host", "--out", work["run"], "--resume", "--steps", "6").Succeeds();
    }

    [Test]
    public void EveryBadPictureIsNamed()
    {
        for (var i = 0; i < 12; i++) work.Picture(Path.Combine("data", $"{i:D2}.png"), 60 + i, 60);
        File.WriteAllText(work["data", "03.png"], "no picture at all");
        work.Picture(Path.Combine("data", "05.png"), 20, 20);
        Train("--data", work["data"]).Fails(2, "2 of 12 pictures cannot be used").Fails(2, "03.png").Fails(2, "05.png");
    }

    [Test]
    public void EveryStopAndEndSaysHowToGoOn()
    {
        var goOn = $"srcnn train --output {work["run"]} --resume";
        Assert.That(Train().Succeeds().Output, Does.Contain($"{goOn} --steps 8").And.Contain("evaluate --data FOLDER"));
        Assert.That(Invocation.Run("train", "--device", "host", "--out", work["run"], "--resume", "--steps", "6").Succeeds().Error, Does.Contain("going on with srcnn-5-1-3").And.Contain($"'{goOn}'"));
        using StringWriter output = new(), error = new();
        using var stop = new CancellationTokenSource();
        stop.CancelAfter(3000);
        var stopped = Invocation.Run(
            ["train", "--device", "host", "--network", "srcnn-5-1-3", "--steps", "1000000", "--batch", "2", "--log-every", "1000", "--save-every", "100000", "--out", work["other"]], new Terminal(output, error), stop.Token);
        Assert.That(stopped.Code, Is.EqualTo(130));
        Assert.That(stopped.Error, Does.Contain($"go on with: srcnn train --output {work["other"]} --resume").And.Contain($"not yet measured, is {work["other", "model.safetensors"]}"));
    }

    [Test]
    public void ConfigurationsThatCannotBeUsed()
    {
        File.WriteAllText(work["c.json"], "{ \"steps\": 4,\n \"steeps\": 5 }");
        Train("--config", work["c.json"]).Fails(2, "line 2: key 'steeps' is unknown");
        File.WriteAllText(work["c.json"], "{ \"steps\": \"many\" }");
        Train("--config", work["c.json"]).Fails(2, "line 1: the value of 'steps'");
        Train("--config", work["none.json"]).Fails(2, "no such file");
        File.WriteAllText(work["c.json"], "{ \"lr\": -1 }");
        Train("--config", work["c.json"]).Fails(2, "lr is -1");
    }

    [Test]
    public void AnOptionOutOfRangeIsWrongUsage()
    {
        Train("--lr", "NaN").Fails(1, "lr is NaN");
        File.WriteAllText(work["c.json"], "{ \"seed\": 9 }");
        Train("--config", work["c.json"], "--patch", "0").Fails(1, "patch is 0");
    }

    [Test]
    public void OptionsWinOverTheFile()
    {
        File.WriteAllText(work["c.json"], "{ \"steps\": 1000000, /* comment */ \"seed\": 9, }");
        Train("--config", work["c.json"]).Succeeds();
        using var config = JsonDocument.Parse(File.ReadAllText(work["run", "config.json"]));
        Assert.That(config.RootElement.GetProperty("steps").GetInt32(), Is.EqualTo(4));
        Assert.That(config.RootElement.GetProperty("seed").GetInt32(), Is.EqualTo(9));
    }

    [Test]
    public void OutputThatCannotBeWritten()
    {
        File.WriteAllText(work["file"], "");
        Train("--out", work["file", "run"]).Fails(4, "expected");
    }

    [Test]
    public void DemoTellsTheWholeStory()
    {
        using var json = JsonDocument.Parse(Invocation.Run("demo", "--device", "host", "--steps", "3", "-o", work["demo"], "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("results").EnumerateArray().Select(r => r.GetProperty("name").GetString()), Is.SupersetOf(new[] { "bicubic", "fresh" }));
        Assert.That(File.ReadAllText(work["demo", "report.html"]), Does.Contain("data:image/png;base64").And.Contain("<svg").And.Not.Contain("src=\"http"));
    }
}
