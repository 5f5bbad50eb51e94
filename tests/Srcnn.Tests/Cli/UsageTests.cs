namespace Srcnn.Tests.Cli;

public sealed class UsageTests
{
    [TestCase("option '--sclae' is unknown; did you mean '--scale'?", "upscale", "a.png", "--sclae", "3")]
    [TestCase("command 'upscle' is unknown; did you mean 'upscale'?", "upscle", "a.png")]
    [TestCase("option '--jsn' is unknown; did you mean '--json'?", "devices", "--jsn")]
    [TestCase("command 'frobnicate' is unknown; expected one of demo", "frobnicate")]
    [TestCase("no command is given")]
    [TestCase("no command is given", "data")]
    [TestCase("'input' missing", "upscale")]
    [TestCase("expected a number", "upscale", "a.png", "--scale", "three")]
    [TestCase("expected a whole number", "upscale", "a.png", "--tile", "three")]
    [TestCase("--scale is 99", "upscale", "a.png", "--scale", "99")]
    [TestCase("--quality is 0", "upscale", "a.png", "--quality", "0")]
    [TestCase("--format is 'gif'", "upscale", "a.png", "--format", "gif")]
    [TestCase("expected a number", "train", "--lr", "fast")]
    [TestCase("--optimizer is 'lion'", "train", "--optimizer", "lion")]
    [TestCase("network 'vgg' is unknown", "train", "--network", "vgg")]
    [TestCase("--protocol is 'x'", "evaluate", "--data", ".", "--protocol", "x")]
    [TestCase("no pictures are named", "evaluate")]
    [TestCase("--sr and --hr belong together", "evaluate", "--sr", ".")]
    [TestCase("model 'nothing' is unknown", "info", "nothing")]
    [TestCase("backend 'abacus' is unknown", "selftest", "--device", "abacus")]
    [TestCase("--threads is -1", "selftest", "--device", "host", "--threads", "-1")]
    public void WrongUsageIsOne(string fragment, params string[] args) => Invocation.Run(args).Fails(1, fragment);

    [Test]
    public void AbsentDeviceIsThree() => Invocation.Run("selftest", "--device", "cuda:7").Fails(3, "found");

    [TestCase("--help")]
    [TestCase("--version")]
    [TestCase("upscale", "--help")]
    [TestCase("train", "--help")]
    [TestCase("data", "synth", "--help")]
    public void HelpGoesToOutput(params string[] args) => Assert.That(Invocation.Run(args).Succeeds().Output, Is.Not.Empty);

    [Test]
    public void NoEscapeCodesWhereNobodyWatches()
    {
        var run = Invocation.Run("data", "list").Succeeds();
        Assert.That(run.Output + run.Error, Does.Not.Contain("\e"));
    }
}
