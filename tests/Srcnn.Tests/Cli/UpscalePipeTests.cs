using System.Diagnostics;
using System.IO.Pipes;
using System.Text.Json.Nodes;
using Srcnn.Cli;

namespace Srcnn.Tests.Cli;

/// <summary>Pictures through standard input and output.</summary>
public sealed class UpscalePipeTests : WorkplaceTests
{
    [Test]
    public void APictureGoesThroughAPipeAsThroughFiles([Values("a.png", "a.jpg", "a.bmp")] string name)
    {
        var input = work.Picture(name);
        Pipe([], input, "-o", work["whole" + name]).Run.Succeeds();
        var (run, picture) = Pipe(File.ReadAllBytes(input), "-");
        run.Succeeds();
        Assert.That(picture, Is.EqualTo(File.ReadAllBytes(work["whole" + name])), "its format is the input's");
        Assert.That((run.Output, run.Error), Is.EqualTo(("", "")));
    }

    [Test]
    public void EitherEndMayBeAFile()
    {
        var input = work.Picture("a.png");
        Pipe([], input, "-o", work["whole.bmp"]).Run.Succeeds();
        var whole = File.ReadAllBytes(work["whole.bmp"]);
        Assert.That(Pipe([], input, "-o", "-", "--format", "bmp").Picture, Is.EqualTo(whole));
        Pipe(File.ReadAllBytes(input), "-", "-o", work["b.bmp"]).Run.Succeeds();
        Assert.That(File.ReadAllBytes(work["b.bmp"]), Is.EqualTo(whole));
    }

    [Test]
    public void ABrokenPictureGivesNothing()
    {
        var whole = File.ReadAllBytes(work.Picture("a.png", 200, 300));
        foreach (var length in (int[])[0, 5, whole.Length - 20])
        {
            var (run, picture) = Pipe(whole[..length], "-");
            run.Fails(2, "error: standard input: ");
            Assert.That(picture, Is.Empty);
        }
    }

    [Test]
    public void StandardInputIsCalledSo()
    {
        var whole = File.ReadAllBytes(work.Picture("a.png"));
        var good = Pipe(whole, "-", "-o", work["b.png"], "--json").Run.Succeeds();
        Assert.That(JsonNode.Parse(good.Output)!["results"]![0]!["input"]!.GetValue<string>(), Is.EqualTo("-"));
        var bad = Pipe(whole[..^20], "-", "-o", work["c.png"], "--json").Run.Fails(2, "standard input: ");
        Assert.That(bad.Output + bad.Error, Does.Not.Contain("srcnn-stream"));
        Assert.That(Pipe(whole, "-", "-o", work["d.png"]).Run.Succeeds().Output, Does.StartWith("standard input -> "));
    }

    [Test, Platform("Linux,MacOsX")]
    public void ANamedPipeIsReadOnce()
    {
        var input = work.Picture("a.png");
        Pipe([], input, "-o", work["whole.png"]).Run.Succeeds();
        using var cat = Fifo($"exec cat a.png > ff");
        Pipe([], work["ff"], "-o", work["b.png"]).Run.Succeeds();
        cat.WaitForExit();
        Assert.That(File.ReadAllBytes(work["b.png"]), Is.EqualTo(File.ReadAllBytes(work["whole.png"])));
        File.WriteAllText(work["empty"], "");
        Pipe([], work["empty"], "-o", work["c.png"]).Run.Fails(2, "a file of 0 bytes");
    }

    [Test, Platform("Linux,MacOsX")]
    public void TheFirstWishToStopEndsAnyWait([Values("opening a pipe", "a pipe", "standard input", "standard output")] string wait)
    {
        work.Picture("a.png", 300, 300);
        using var writer = Fifo(wait == "a pipe" ? "exec 3> ff; exec sleep 60" : "true");
        using var stop = new CancellationTokenSource();
        using var silent = new AnonymousPipeServerStream(PipeDirection.Out);
        using var nobody = new AnonymousPipeServerStream(PipeDirection.Out);
        using var input = new AnonymousPipeClientStream(PipeDirection.In, silent.ClientSafePipeHandle);
        using StringWriter output = new(), error = new();
        stop.CancelAfter(wait == "standard output" ? 3000 : 500);
        var run = Invocation.Run(
            Arguments(wait switch { "standard input" => ["-", "-o", work["b.png"]], "standard output" => [work["a.png"], "-o", "-"], _ => [work["ff"], "-o", work["b.png"]] }),
            new Terminal(output, error, input: input, binary: nobody), stop.Token);
        writer.Kill();
        Assert.That((run.Code, run.Error.Trim()), Is.EqualTo((130, "srcnn: error: interrupted")));
    }

    /// <summary>A named pipe "ff", and what a shell does with it.</summary>
    private Process Fifo(string script)
    {
        using (var make = Process.Start("mkfifo", [work["ff"]])) make.WaitForExit();
        return Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = work.Folder })!;
    }

    [Test]
    public void WhatAPipeCannotTake()
    {
        var input = work.Picture("a.png");
        Pipe([], "-", input).Run.Fails(1, "expected it alone");
        Pipe([], input, work.Picture("b.png"), "-o", "-").Run.Fails(1, "expected one input");
        Pipe([], "-", "--json").Run.Fails(1, "leave out --json");
        Pipe([], "-", "--compare").Run.Fails(1, "leave out --json, --compare");
        using StringWriter output = new(), error = new();
        Invocation.Run(Arguments("-"), new Terminal(output, error, outputIsTerminal: true)).Fails(1, "is a terminal");
    }

    private string[] Arguments(params string[] args) => ["upscale", "--model", work.Model, "--device", "host", .. args];

    private (Invocation Run, byte[] Picture) Pipe(byte[] input, params string[] args)
    {
        using StringWriter output = new(), error = new();
        using MemoryStream source = new(input), picture = new();
        return (Invocation.Run(Arguments(args), new Terminal(output, error, input: source, binary: picture)), picture.ToArray());
    }
}
