using Srcnn.Tests.Profiling;

namespace Srcnn.Tests.Cli;

public sealed class ProfileOptionTests
{
    private Workplace work = null!;

    [SetUp]
    public void SetUp() => work = new Workplace();

    [TearDown]
    public void TearDown() => work?.Dispose();

    [TestCase("host", "conv3"), TestCase("opencl", "Conv2d"), TestCase("reference", "network")]
    public void UpscaleTellsWhereTheTimeGoes(string device, string row)
    {
        using var _ = Require.Backend(device);
        var trace = work["trace.json"];
        var result = Invocation.Run("upscale", work.Picture("a.png"), "--model", work.Model, "--device", device, "--profile", trace).Succeeds();
        Assert.That(result.Error, Does.Contain("total ms").And.Contain(row).And.Contain(device).And.Contain(trace));
        Assert.That(result.Output, Does.Not.Contain("total ms"), "the table is no result");
        Assert.That(ChromeTraceTests.Check(File.ReadAllBytes(trace)), Does.Contain("encode"));
        Invocation.Run("upscale", work.Picture("b.png"), "--model", work.Model, "--device", device, "--profile", trace).Fails(4, "trace.json exists");
        Assert.That(File.Exists(work["b_x3.png"]), Is.False, "found before the work");
    }

    [Test]
    public void NoShareOfALimitIsAboveIt()
    {
        var result = Invocation.Run("upscale", work.Picture("a.png", 200, 200), "--model", "fast", "--device", "host", "--threads", "1", "--profile", work["trace.json"]).Succeeds();
        var percent = System.Text.RegularExpressions.Regex.Matches(result.Error, @"([0-9]+) %\r?\n").Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.That(percent, Is.Not.Empty.And.All.LessThanOrEqualTo(100));
        Assert.That(result.Error.Contains("over 100 %: GFLOP/s count", StringComparison.Ordinal), Is.EqualTo(System.Text.RegularExpressions.Regex.IsMatch(result.Error, "over 100 %\r?\n")));
    }

    [TestCase("host", "conv2 input gradient"), TestCase("opencl", "Conv2dWeightStrip")]
    public void TrainTellsWhereTheTimeGoes(string device, string row)
    {
        using var _ = Require.Backend(device);
        string[] args = ["train", "--device", device, "--network", "srcnn-5-1-3", "--steps", "4", "--batch", "2", "--log-every", "2", "--save-every", "4", "--out", work["run"], "--profile", work["trace.json"]];
        var result = Invocation.Run(args).Succeeds();
        Assert.That(result.Error, Does.Contain("total ms").And.Contain(row).And.Contain("optimizer"));
        Assert.That(ChromeTraceTests.Check(File.ReadAllBytes(work["trace.json"])), Is.SupersetOf((string[])["read pictures", "cut patches", "validation", "checkpoint"]));
        Invocation.Run([.. args, "--overwrite"]).Succeeds();
    }

    [Test]
    public void APictureIsNotTakenForTheTrace() =>
        Invocation.Run("upscale", work.Picture("a.png"), "--profile", work.Picture("b.png")).Fails(1, "ends in .json");
}
