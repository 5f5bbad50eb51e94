using System.Text.Json;
using Srcnn.Cli;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

/// <summary>Many pictures in one run.</summary>
public sealed class UpscaleBatchTests : WorkplaceTests
{
    [Test]
    public void GoodBadDoneAndLockedFilesTogether()
    {
        string good = work.Picture(Path.Combine("in", "good.png")), locked = work.Picture(Path.Combine("in", "locked.png"));
        string bad = work["in", "bad.jpg"], done = work.Picture(Path.Combine("in", "done.png"));
        File.WriteAllText(bad, "no picture at all");
        Directory.CreateDirectory(work["out"]);
        File.WriteAllText(work["out", "done.png"], "mine");

        using (new FileStream(locked, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            var run = Upscale();
            Assert.That(run.Code, Is.EqualTo(ExitCode.Partial), run.Error);
            var errors = run.Error.Split('\n').Where(l => l.StartsWith("srcnn: error: ", StringComparison.Ordinal)).ToList();
            Assert.That(errors, Has.Count.EqualTo(2));
            Assert.That(errors[0], Does.Contain(bad));
            Assert.That(errors[1], Does.Contain(locked));
            Assert.That(Status(run), Is.EqualTo(new[] { (bad, "failed"), (done, "skipped"), (good, "done"), (locked, "failed") }));
        }
        Assert.That(Outputs(), Is.EqualTo(new[] { "done.png", "good.png" }));
        Assert.That(File.ReadAllText(work["out", "done.png"]), Is.EqualTo("mine"));

        File.Delete(bad);
        work.Picture(Path.Combine("in", "bad.jpg"));
        Assert.That(Status(Upscale().Succeeds()), Is.EqualTo(new[] { (bad, "done"), (done, "skipped"), (good, "skipped"), (locked, "done") }), "only what was missing");
        Assert.That(Outputs(), Is.EqualTo(new[] { "bad.jpg", "done.png", "good.png", "locked.png" }));

        Invocation Upscale() => Invocation.Run([.. Arguments(), "--json"]);
    }

    [Test]
    public void AnInterruptionLeavesWholeFilesAndTheNextRunDoesTheRest()
    {
        foreach (var name in (string[])["a.png", "b.png", "c.png"]) work.Picture(Path.Combine("in", name));
        using var stop = new CancellationTokenSource();
        using var output = new Listener(stop.Cancel);
        using var error = new StringWriter();
        var run = Invocation.Run([.. Arguments(), "--jobs", "1"], new Terminal(output, error), stop.Token);
        Assert.That((run.Code, run.Error), Is.EqualTo((ExitCode.Interrupted, $"1 done, 0 skipped, 0 failed{Environment.NewLine}srcnn: error: interrupted{Environment.NewLine}")));
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.png" }));

        Invocation.Run(Arguments()).Succeeds();
        Assert.That(Outputs(), Is.EqualTo(new[] { "a.png", "b.png", "c.png" }));
        Assert.That(ImageFile.Probe(work["out", "c.png"]).Width, Is.EqualTo(27));
    }

    [Test]
    public void SeveralAtOnceMakeTheSameFilesReportAndOrder()
    {
        for (var i = 0; i < 7; i++) work.Picture(Path.Combine("in", $"{i}.png"), 20 + (30 * (i % 3)), 150 - (20 * i));
        File.WriteAllText(work["in", "4.png"], "no picture at all");
        var expected = Run(1);
        Assert.That(expected.Files, Has.Count.EqualTo(6));
        Assert.That(expected.Status.Select(s => s.Item2), Is.EqualTo(new[] { "done", "done", "done", "done", "failed", "done", "done" }));
        foreach (var jobs in (int[])[2, 3, 50])
        {
            var actual = Run(jobs);
            Assert.That(actual.Status, Is.EqualTo(expected.Status), $"{jobs} at once");
            Assert.That(actual.Files, Is.EqualTo(expected.Files), $"{jobs} at once");
            Assert.That(actual.Page, Is.EqualTo(expected.Page), $"{jobs} at once");
        }

        (List<(string, string)> Status, List<(string, byte[])> Files, string Page) Run(int jobs)
        {
            if (Directory.Exists(work["out"])) Directory.Delete(work["out"], recursive: true);
            var run = Invocation.Run([.. Arguments(), "--json", "--jobs", $"{jobs}", "--report", work["page.html"], "--threads", "2"]).Fails(ExitCode.Partial, "4.png");
            var page = File.ReadAllText(work["page.html"]);
            File.Delete(work["page.html"]);
            return ([.. Status(run)], [.. Outputs().Select(name => (name!, File.ReadAllBytes(work["out", name!])))], page);
        }
    }

    [Test]
    public void AnInterruptionOfSeveralAtOnceLeavesWholeFilesOnly()
    {
        for (var i = 0; i < 12; i++) work.Picture(Path.Combine("in", $"{i}.png"), 40, 300);
        using var stop = new CancellationTokenSource();
        using var output = new Listener(stop.Cancel);
        using var error = new StringWriter();
        Assert.That(Invocation.Run([.. Arguments(), "--jobs", "3"], new Terminal(output, error), stop.Token).Code, Is.EqualTo(ExitCode.Interrupted), error.ToString());
        Assert.That(Outputs().Count(), Is.InRange(1, 11));
        foreach (var name in Outputs()) Assert.That(ImageFile.Read(work["out", name!]).Height, Is.EqualTo(900), name);
    }

    [TestCase("ilgpu-cpu"), TestCase("opencl")]
    public void AFolderOnADeviceIsWhatHostMakesOfIt(string device)
    {
        Require.Backend(device).Dispose();
        for (var i = 0; i < 5; i++) work.Picture(Path.Combine("in", $"{i}.png"), 9 + i, 7 + (2 * i));
        Invocation.Run(Arguments()).Succeeds();
        Directory.Move(work["out"], work["host"]);
        Invocation.Run([.. Arguments()[..^1], device, "--jobs", "3"]).Succeeds();
        Assert.That(Outputs().Count(), Is.EqualTo(5));
        foreach (var name in Outputs())
        {
            var (actual, expected) = (ImageFile.Read(work["out", name!]), ImageFile.Read(work["host", name!]));
            Assert.That(actual.Samples.Zip(expected.Samples, (a, b) => Math.Abs(a - b)).Max(), Is.AtMost(1), $"{name}: sums rounded in another order");
        }
    }

    [Test]
    public void ATerminalShowsHowFarAPictureIs()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, outputIsTerminal: true, errorIsTerminal: true);
        if (!terminal.IsLive) Assert.Ignore("CI or TERM says that nobody watches");
        string[] arguments = ["upscale", work.Picture("tall.png", 8, 160), "--model", work.Model, "--device", "host"];
        Invocation.Run(arguments, terminal).Succeeds();
        Assert.That(error.ToString(), Is.EqualTo("\r 40 %\r 80 %\r100 %\r     \r"));
        Assert.That(Invocation.Run([.. arguments, "--overwrite"]).Error, Is.Empty, "no terminal");
    }

    [Test]
    public void OutputsAreCalledAsAsked()
    {
        work.Picture(Path.Combine("in", "a.png"));
        work.Picture(Path.Combine("in", "sub", "{size}.jpg"));
        Named("{name}-{size}", "-r").Succeeds();
        Assert.That(File.Exists(work["out", "a-x3.png"]) && File.Exists(work["out", "sub", "{size}-x3.jpg"]));
        foreach (var wrong in (string[])["", "{nam}", "sub/{name}", "{name"]) Named(wrong).Fails(ExitCode.Usage, "--name is");
        Named("same", "-r", "--format", "png").Succeeds();
        work.Picture(Path.Combine("in", "b.png"));
        Named("same", "--overwrite").Fails(ExitCode.Usage, "same output");
        Invocation.Run("upscale", work["in", "a.png"], "-o", work["b.png"], "--name", "{name}").Fails(ExitCode.Usage, "leave out --name");

        Invocation Named(string name, params string[] more) =>
            Invocation.Run(["upscale", work["in"], "-o", work["out"], "--name", name, "--model", work.Model, "--device", "host", .. more]);
    }

    private string[] Arguments() => ["upscale", work["in"], "-o", work["out"], "--skip-existing", "--model", work.Model, "--device", "host"];

    private IEnumerable<string?> Outputs() => Directory.GetFiles(work["out"]).Select(Path.GetFileName).Order(StringComparer.Ordinal);

    private static IEnumerable<(string, string)> Status(Invocation run)
    {
        using var json = JsonDocument.Parse(run.Output);
        return [.. json.RootElement.GetProperty("results").EnumerateArray().Select(r => (r.GetProperty("input").GetString()!, r.GetProperty("status").GetString()!))];
    }

    /// <summary>Acts on every line.</summary>
    private sealed class Listener(Action heard) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            heard();
        }
    }
}
