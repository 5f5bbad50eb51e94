using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Models;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>Runs in a process of their own that is killed, signalled or left without disk.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class KillTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostBackend host = new(1);
    private readonly List<Process> started = [];

    public void Dispose()
    {
        // None goes on without end behind a test that failed.
        foreach (var process in started)
        {
            if (!process.HasExited) process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        host.Dispose();
        folder.Dispose();
    }

    [TestCase(2)]
    [TestCase(200, Category = "nightly", Explicit = true, Reason = "minutes; choose it with --filter TestCategory=nightly")]
    public void KilledAtRandomPointsItEndsInTheSameBits(int kills)
    {
        var config = Runs.Config(Runs.Pictures(folder)) with { Steps = 600, LogEvery = 20, SaveEvery = 50, Center = 0.45, Average = 0.1, Optimizer = OptimizerKind.Soap };
        Trainer.Run(config, folder.File("unbroken"), host);
        File.WriteAllText(folder.File("config.json"), config.ToJson());
        // The first kill comes anywhere in the time of a whole process, start-up included.
        var clock = Stopwatch.StartNew();
        Train("timed").WaitForExit();
        var (whole, random, runs) = ((int)clock.ElapsedMilliseconds, new Random(1), 0);
        for (var killed = 0; killed < kills || Directory.Exists(folder.File($"run{runs}"));)
        {
            var run = $"run{runs}";
            var process = Train(run, File.Exists(Path.Combine(folder.File(run), "config.json")) ? ["--resume"] : []);
            if (killed < kills && !process.WaitForExit(random.Next(whole)))
            {
                process.Kill();
                killed++;
                process.WaitForExit();
                continue;
            }
            process.WaitForExit();
            Assert.That(process.ExitCode, Is.Zero);
            Runs.AssertEqual(folder.File(run), folder.File("unbroken"));
            runs++;
        }
    }

    [TestCase("INT")]
    [TestCase("TERM")]
    [TestCase("HUP")]
    public void ASignalSavesAndEndsWith130(string signal)
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("no signals here");
        var process = Endless("run");
        Send(signal, process);
        // Five seconds are promised; the machine of a test may be busy with others.
        Assert.That(process.WaitForExit(10_000), "it ends");
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(Checkpoint.Load(Runs.Checkpoints(folder.File("run"))[^1]).Run.Step, Is.GreaterThan(0));
    }

    [Test]
    public void AClosedTerminalTellsTwiceAndStillSaves()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("no signals here");
        var process = Endless("run");
        for (var i = 0; i < 3; i++) Send("HUP", process);
        Assert.That(process.WaitForExit(10_000), "it ends");
        Assert.That(process.ExitCode, Is.EqualTo(130));
        Assert.That(ModelFile.Load(Path.Combine(folder.File("run"), "model.safetensors")).Psnr, Is.Null);
    }

    [Test]
    public void UnderNohupAClosedTerminalIsNothing()
    {
        if (OperatingSystem.IsWindows()) Assert.Ignore("no signals here");
        var process = Endless("run", "nohup");
        Send("HUP", process);
        var (log, lines) = (Path.Combine(folder.File("run"), "log.jsonl"), 0);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(process.HasExited, Is.False, "it goes on");
            for (lines = File.ReadAllLines(log).Length; !process.HasExited && File.ReadAllLines(log).Length == lines;) Thread.Sleep(20);
        }
        Send("TERM", process);
        Assert.That(process.WaitForExit(10_000), "it ends");
        Assert.That(process.ExitCode, Is.EqualTo(130));
    }

    [Test]
    public void WithoutDiskTheLastCheckpointStaysAndTheRunGoesOnLater()
    {
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        if (!OperatingSystem.IsLinux() || Shell("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk) != 0) Assert.Ignore("a small file system cannot be mounted here");
        try
        {
            var config = Runs.Config(Runs.Pictures(folder));
            Trainer.Run(config, folder.File("unbroken"), host);
            var (run, filler) = (Path.Combine(disk, "run"), Path.Combine(disk, "filler"));
            Assert.That(() => Trainer.Run(config, run, host, progress: new Reports(p => { if (p.Step == 9) Fill(filler); })), Throws.InstanceOf<IOException>());
            Assert.That(Runs.Checkpoints(run).Select(path => Checkpoint.Load(path).Run.Step), Is.EqualTo(new[] { 8 }));
            File.Delete(filler);
            Trainer.Run(config, run, host, resume: true);
            Runs.AssertEqual(run, folder.File("unbroken"));
        }
        finally
        {
            Shell("umount", disk);
        }
    }

    /// <summary>Writes until nothing fits any more.</summary>
    private static void Fill(string path)
    {
        using var stream = File.Create(path, bufferSize: 1);
        try
        {
            while (true) stream.WriteByte(0);
        }
        catch (IOException)
        {
        }
    }

    /// <summary>A run without end that has made its first steps.</summary>
    private Process Endless(string run, params string[] under)
    {
        File.WriteAllText(folder.File("config.json"), (Runs.Config(Runs.Pictures(folder)) with { Steps = 1_000_000_000, SaveEvery = 1_000_000 }).ToJson());
        var process = Start(run, under);
        var log = Path.Combine(folder.File(run), "log.jsonl");
        while (!File.Exists(log) && !process.HasExited) Thread.Sleep(20);
        return process;
    }

    // A child inherits which signals are ignored, and a test runner may itself have been started to ignore them (nohup, '&' in a script).
    private Process Train(string run, params string[] more) => Start(run, [], more);

    /// <param name="under">A command that starts others.</param>
    private Process Start(string run, string[] under, params string[] more)
    {
        string[] command =
        [
            .. OperatingSystem.IsLinux() ? (string[])["env", "--default-signal=INT,HUP"] : [],
            .. under,
            "dotnet", Path.Combine(TestContext.CurrentContext.TestDirectory, "srcnn.dll"),
            "train", "--device", "host", "--threads", "1", "--config", folder.File("config.json"), "--out", folder.File(run), .. more,
        ];
        started.Add(Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true })!);
        return started[^1];
    }

    private static void Send(string signal, Process process) =>
        Assert.That(Shell("kill", $"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)), Is.Zero);

    private static int Shell(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
