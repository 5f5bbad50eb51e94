using System.Diagnostics;
using Srcnn.Cli.Devices;
using Srcnn.Kernels;

namespace Srcnn.Tests.Cli;

[Platform("Linux,MacOsX")] // the children are shell scripts
public sealed class DeviceProbeTests
{
    private const string Gpu = "found\tcuda:0\tgpu\tSome card", Cpu = "found\topencl:0\tcpu\tSome processor";

    private const string TwoCards = "printf 'found\\tcuda:0\\tgpu\\tA\\ntested\\tcuda:0\\t\\nfound\\tcuda:1\\tgpu\\tB\\ntested\\tcuda:1\\tit computes wrongly\\nend\\n'";

    private string folder = null!;

    [SetUp]
    public void SetUp() => folder = Directory.CreateTempSubdirectory("srcnn-test-").FullName;

    [TearDown]
    public void TearDown()
    {
        if (folder is not null) Directory.Delete(folder, recursive: true);
    }

    [Test]
    public void TheAnswerIsKeptUntilADriverChanges()
    {
        var script = Says(Gpu, "tested\tcuda:0\t", Cpu, "end") + $"; echo x >> {folder}/asked";
        foreach (var stamp in (string[])["drivers 1", "drivers 1", "drivers 2", "drivers 2"])
        {
            var report = Probe(script, stamp).Read();
            Assert.That(report.Devices, Is.EqualTo(new[] { new DeviceVerdict("cuda:0", "gpu", "Some card", null), new DeviceVerdict("opencl:0", "cpu", "Some processor", null) }));
            Assert.That(report.Trouble, Is.Null);
        }
        Assert.That(File.ReadAllLines(Path.Combine(folder, "asked")), Has.Length.EqualTo(2));
    }

    [Test]
    public void AnAbsentDeviceIsLookedForOnceAndAnOldAnswerNotBelieved()
    {
        var script = $"echo x >> {folder}/asked; " + Says(Cpu, "end");
        foreach (var times in (int[])[1, 2])
        {
            Assert.Throws<BackendUnavailableException>(() => new DeviceChoice(Probe(script), _ => { }).Open("cuda", 1));
            Assert.That(File.ReadAllLines(Path.Combine(folder, "asked")), Has.Length.EqualTo(times));
        }
    }

    [Test]
    public void ADriverThatHangsIsLeftAfterTheLimitAndRemembered()
    {
        var clock = Stopwatch.StartNew();
        foreach (var script in (string[])[Says(Gpu) + "; sleep 100", "exit 9"])
        {
            var report = Probe(script, limit: 0.5).Read();
            Assert.That(report.Devices.Single().Flaw, Does.Contain("did not answer within"), "the second time from the file");
            Assert.That(report.Trouble, Does.Contain("did not answer within"));
        }
        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(20));
    }

    [Test]
    public void ADriverThatWasSilentIsAskedAgainLater()
    {
        Assert.That(Probe("sleep 100", limit: 0.5).Read().Trouble, Does.Contain("did not answer within"));
        File.SetLastWriteTimeUtc(Path.Combine(folder, "devices.txt"), DateTime.UtcNow - TimeSpan.FromMinutes(11));
        Assert.That(Probe(Says(Cpu, "end")).Read().Trouble, Is.Null);
    }

    [Test]
    public void ADriverThatCrashesCostsOnlyWhatCameAfter()
    {
        var report = Probe(Says(Gpu, "tested\tcuda:0\t", "found\topencl:0\tgpu\tBroken") + "; kill -SEGV $$").Read();
        Assert.That(report.Trouble, Does.Contain("crashed"));
        Assert.That(report.Devices.Select(d => d.Flaw), Is.EqualTo(new[] { null, "the driver crashed" }));
    }

    [Test]
    public void WithoutAPlaceForTheAnswerItIsAskedForAgain()
    {
        File.WriteAllText(Path.Combine(folder, "devices.txt"), "");
        var probe = new DeviceProbe(() => Child(Says(Cpu, "end")), "drivers", Path.Combine(folder, "devices.txt", "below-a-file"), TimeSpan.FromSeconds(20));
        Assert.That(probe.Read().Devices, Has.Count.EqualTo(1));
    }

    [TestCase("sleep 100", "did not answer")]
    [TestCase("kill -SEGV $$", "crashed")]
    [TestCase("printf 'found\\tcuda:0\\tgpu\\tA\\ntested\\tcuda:0\\tit computes wrongly\\nend\\n'", "cuda:0: it computes wrongly")]
    public void AutoFallsBackToHostWithOneWarning(string script, string reason)
    {
        List<string> warnings = [];
        using var backend = new DeviceChoice(Probe(script, limit: 0.5), warnings.Add).Open("auto", 1);
        Assert.That(backend.Name, Is.EqualTo("host"));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(reason).And.Contain("computing on host"));
    }

    [Test]
    public void AutoWithoutAGpuIsHostWithoutAWarning()
    {
        List<string> warnings = [];
        using var quiet = new DeviceChoice(Probe(Says(Cpu, "end")), warnings.Add).Open("auto", 1);
        using var unasked = new DeviceChoice(new DeviceProbe(() => Child("exit 1"), stamp: null, "", TimeSpan.Zero), warnings.Add).Open("auto", 1);
        Assert.That((quiet.Name, unasked.Name, warnings.Count), Is.EqualTo(("host", "host", 0)));
    }

    [TestCase("cuda", "exit 0", "no cuda:0 on this machine (the driver crashed); found host")]
    [TestCase("cuda:1", "printf 'found\\topencl:0\\tcpu\\tPoCL\\nend\\n'", "no cuda:1 on this machine; found opencl:0 (PoCL), host")]
    [TestCase("opencl", "printf 'found\\topencl:0\\tgpu\\tA\\ntested\\topencl:0\\tit computes wrongly\\nend\\n'", "it computes wrongly")]
    [TestCase("cuda:1", TwoCards, "cuda:1 (B) cannot be used: it computes wrongly")]
    [TestCase("cuda:2", TwoCards, "no cuda:2 on this machine; found cuda:0 (A), cuda:1 (B), host")]
    public void ANamedDeviceThatFailsSaysWhatWasFound(string name, string script, string fragment)
    {
        var choice = new DeviceChoice(Probe(script), _ => { });
        var e = Assert.Throws<BackendUnavailableException>(() => choice.Open(name, 1))!;
        Assert.That(e.Message, Does.Contain(fragment));
    }

    private DeviceProbe Probe(string script, string stamp = "drivers", double limit = 20) =>
        new(() => Child(script), stamp, Path.Combine(folder, "devices.txt"), TimeSpan.FromSeconds(limit));

    private static ProcessStartInfo Child(string script) => new("/bin/sh", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true };

    private static string Says(params string[] lines) => $"printf '{string.Join("\\n", lines).Replace("\t", "\\t", StringComparison.Ordinal)}\\n'";
}
