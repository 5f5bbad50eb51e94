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
            run.Fails(2, "standard-input");
            Assert.That(picture, Is.Empty);
        }
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
