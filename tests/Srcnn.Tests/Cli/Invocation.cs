using Srcnn.Cli;

namespace Srcnn.Tests.Cli;

/// <summary>One run of the program in this process.</summary>
internal sealed record Invocation(int Code, string Output, string Error)
{
    public static Invocation Run(params string[] args)
    {
        using StringWriter output = new(), error = new();
        return Run(args, new Terminal(output, error));
    }

    /// <summary>The same on a terminal whose writers tell what they were given.</summary>
    public static Invocation Run(string[] args, Terminal terminal, CancellationToken stop = default)
    {
        var code = CommandLine.Run(args, terminal, stop);
        return new Invocation(code, terminal.Output.ToString()!, terminal.Error.ToString()!);
    }

    /// <summary>Demands the exit code and exactly one line of error that says what, what else, and what to do.</summary>
    public Invocation Fails(int code, string fragment)
    {
        Assert.That(Code, Is.EqualTo(code), Error);
        var lines = Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("srcnn: error: ", StringComparison.Ordinal)).ToList();
        Assert.That(lines, Has.Count.EqualTo(1), Error);
        Assert.That(lines[0], Does.Contain(fragment));
        Assert.That(lines[0].Count(c => c == ';'), Is.GreaterThanOrEqualTo(2), lines[0]);
        Assert.That(Error, Does.Not.Contain("   at "), "no stack without --verbose");
        return this;
    }

    public Invocation Succeeds()
    {
        Assert.That(Code, Is.Zero, Error);
        return this;
    }
}
