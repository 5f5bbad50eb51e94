using System.Diagnostics;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Cli;

/// <summary>The program in a shell: streams that are closed, full or watched, and disks that are full or read-only.</summary>
[Platform("Linux,MacOsX")]
public sealed class ShellTests : WorkplaceTests
{
    [TestCase("({0} --json >&-; echo $? >code)")]
    [TestCase("({0} 2>&-; echo $? >code)")]
    [TestCase("({0} --json; echo $? >code) | true")]
    public void WhoDoesNotListenIsNoFailure(string script)
    {
        work.Picture("a.png");
        Assert.That(Run(script), Is.EqualTo((0, "")));
        Assert.That(ImageFile.Read(work["a_x3.png"]).Width, Is.EqualTo(27));
    }

    [TestCase("({0} -o - >&-; echo $? >code)", "standard output is closed")]
    [TestCase("({0} -o - >/dev/full; echo $? >code)", "standard output: No space left")]
    [TestCase("({0} --json >/dev/full; echo $? >code)", "standard output: No space left")]
    public void WhatCannotBeGivenIs(string script, string reason)
    {
        if (!File.Exists("/dev/full")) Assert.Ignore("no /dev/full here");
        work.Picture("a.png");
        var (code, error) = Run(script);
        Assert.That(code, Is.EqualTo(4), error);
        Assert.That(error, Does.StartWith("srcnn: error: ").And.Contain(reason));
    }

    [Test]
    public void WhatAShellReadsForTheProgramIsAnInput()
    {
        work.Picture("a.png");
        if (Shell("command -v bash >/dev/null") != 0) Assert.Ignore("no bash here");
        var (code, error) = Run("(bash -c '{0} -o b.png && {0} > c.png'; echo $? >code)", input: "<(cat a.png)");
        Assert.That(code, Is.Zero, error);
        Assert.That(ImageFile.Read(work["b.png"]).Width, Is.EqualTo(27));
        Assert.That(File.ReadAllBytes(work["c.png"]), Is.EqualTo(File.ReadAllBytes(work["b.png"])), "without -o as standard input");
        Assert.That(Run("(cat a.png | {0} -o d.png; echo $? >code)", input: "/dev/stdin").Code, Is.Zero);
    }

    [Test]
    public void WhatAKilledRunLeftIsRemovedByTheNext()
    {
        var big = work.Picture("big.png", 2000, 2000);
        using var run = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec {Program} upscale --model model.safetensors --device host --threads 1 big.png -o out/big.png"]) { WorkingDirectory = work.Folder })!;
        while (!Directory.Exists(work["out"]) || Directory.GetFiles(work["out"]).Length == 0) Thread.Sleep(5);
        // While it lives nobody takes its file away.
        Invocation.Run("upscale", "--model", work.Model, "--device", "host", work.Picture("a.png"), "-o", work["out", "a.png"]).Succeeds();
        Assert.That(Directory.GetFiles(work["out"], ".srcnn-*.tmp"), Has.Length.EqualTo(1));
        run.Kill();
        run.WaitForExit();
        Assert.That(Directory.GetFiles(work["out"], ".srcnn-*.tmp"), Has.Length.EqualTo(1), "killed, it could not tidy up");
        var (code, error) = Run("({0} -o out/b.png; echo $? >code)");
        Assert.That(code, Is.Zero, error);
        Assert.That(Directory.GetFiles(work["out"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "a.png", "b.png" }));
    }

    [Test]
    public void NobodyWatchesAndNothingIsDrawn()
    {
        work.Picture(Path.Combine("in", "a.png"), 40, 300);
        var (code, error) = Run("({0} in -o out >printed; echo $? >code)", input: "");
        Assert.That(code, Is.Zero, error);
        Assert.That(error + File.ReadAllText(work["printed"]), Does.Not.Contain('\e').And.Not.Contain('\r'));
    }

    [Test]
    public void NoColorIsHonoured([Values] bool color)
    {
        if (Shell("command -v script >/dev/null && script -qec true /dev/null >/dev/null") != 0) Assert.Ignore("no terminal can be made here");
        work.Picture(Path.Combine("set", "a.png"), 40, 40);
        Shell($"{(color ? "" : "NO_COLOR=1 ")}TERM=xterm-256color CI= script -qec '{Program} train --network srcnn-3-1-3 --scale 2 --steps 20 --batch 4 --device host --out run' /dev/null >printed");
        var printed = File.ReadAllText(work["printed"]);
        Assert.That(printed, Does.Contain("╭"), "a display for a person");
        if (!color) Assert.That(printed, Does.Not.Match("\\e\\[[0-9;]*m"));
    }

    [TestCase("size=64k", "room")]
    [TestCase("ro", "Read-only")]
    public void AFullOrReadOnlyFolderIsFour(string option, string reason)
    {
        var disk = Directory.CreateDirectory(work["disk"]).FullName;
        if (Shell($"mount -t tmpfs -o {option} tmpfs disk 2>/dev/null") != 0) Assert.Ignore("a small file system cannot be mounted here");
        try
        {
            var input = work.Picture("a.png", 100, 100);
            string[] arguments = ["upscale", "--model", work.Model, "--device", "host", "--jobs", "1"]; // side by side, the temporary file of the large one may take all room
            Invocation.Run([.. arguments, input, "-o", work["disk", "a.png"]]).Fails(4, reason);
            Assert.That(Directory.GetFileSystemEntries(disk), Is.Empty);
            if (option == "ro") return;
            var small = work.Picture(Path.Combine("in", "b.png"));
            File.Copy(input, work["in", "a.png"]);
            File.WriteAllText(work["disk", "a.png"], "mine");
            Invocation.Run([.. arguments, work["in"], "-o", disk, "--overwrite"]).Fails(6, "a.png");
            Assert.That(File.ReadAllText(work["disk", "a.png"]), Is.EqualTo("mine"));
            Assert.That(ImageFile.Read(work["disk", "b.png"]).Width, Is.EqualTo(27), "what fits is done");
        }
        finally
        {
            Shell("umount disk");
        }
    }

    private static string Program => $"dotnet {Path.Combine(TestContext.CurrentContext.TestDirectory, "srcnn.dll")}";

    /// <summary>Runs a script in the workplace; {0} is an enlargement of a.png, or of what is named after it.</summary>
    /// <param name="input">The picture.</param>
    /// <returns>The exit code the script writes down, and what was printed as errors.</returns>
    private (int Code, string Error) Run(string script, string input = "a.png")
    {
        Shell($"exec 2>errors; {script.Replace("{0}", $"{Program} upscale --model model.safetensors --device host {input}", StringComparison.Ordinal)}");
        return (int.Parse(File.ReadAllText(work["code"]), System.Globalization.CultureInfo.InvariantCulture), File.ReadAllText(work["errors"]));
    }

    private int Shell(string script)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = work.Folder, RedirectStandardOutput = true })!;
        shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode;
    }
}
