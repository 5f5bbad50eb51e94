using System.CommandLine;
using System.CommandLine.Parsing;
using System.Reflection;
using Srcnn.Cli.Commands;
using Srcnn.Cli.Devices;

namespace Srcnn.Cli;

/// <summary>The program: parses, runs one command, turns what goes wrong into one line and an exit code.</summary>
internal static class CommandLine
{
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    private static readonly (string Name, Func<Session, Command> Create)[] Commands =
    [
        ("demo", DemoCommand.Create),
        ("upscale", UpscaleCommand.Create),
        ("train", TrainCommand.Create),
        ("report", ReportCommand.Create),
        ("evaluate", EvaluateCommand.Create),
        ("import", ImportCommand.Create),
        ("export", ExportCommand.Create),
        ("info", InfoCommand.Create),
        ("devices", DevicesCommand.Create),
        ("selftest", SelfTestCommand.Create),
        ("benchmark", BenchmarkCommand.Create),
        ("kernels", KernelsCommand.Create),
        ("data", DataCommand.Create),
        (DeviceProbe.Command, ProbeDevicesCommand.Create),
    ];

    /// <summary>Runs one command and returns the process's exit code.</summary>
    public static int Run(string[] args, Terminal terminal, CancellationToken stop = default)
    {
        var session = new Session(terminal, stop);
        var root = Root(session, args);
        // A leading @ is a file name here, no response file.
        var parse = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        try
        {
            if (Wrong(parse) is { } wrong) throw new UsageException(wrong);
            return parse.Invoke(new InvocationConfiguration
            {
                Output = terminal.Output,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception e)
        {
            var failure = Failure.Of(e);
            session.PrintError(failure);
            if (args.Contains("--verbose") && failure.Code != ExitCode.Interrupted) terminal.Error.WriteLine(e);
            return failure.Code;
        }
    }

    // Options cost start-up time: where the first argument is a command, no other one is built.
    private static RootCommand Root(Session session, string[] args)
    {
        var root = new RootCommand("srcnn enlarges pictures with small neural networks, and trains and measures them.") { session.Device, session.Threads, session.Verbose };
        var named = Array.FindIndex(Commands, c => args is [var first, ..] && c.Name == first);
        foreach (var (_, create) in named < 0 ? Commands : Commands.AsSpan(named, 1)) root.Add(create(session));
        return root;
    }

    /// <summary>What is wrong with the arguments, in one line, or null.</summary>
    private static string? Wrong(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        var path = string.Join(' ', Path(parse.CommandResult));
        var help = $"see '{path} --help'";
        if (MistakenOption(parse) is { } option)
        {
            var names = Path(parse.CommandResult.Parent, command).SelectMany(c => c.Options).Where(o => !o.Hidden).SelectMany(o => o.Aliases.Append(o.Name)).Distinct();
            var near = Spelling.Nearest(option, names);
            return $"option '{option}' is unknown; {(near is null ? "expected an option of the command" : $"did you mean '{near}'?")}; {help}{(parse.CommandResult.Command.Arguments.Count > 0 ? ", or put file names after '--'" : "")}";
        }
        if (parse.Errors.Count == 0) return null;
        if (command.Subcommands.Count > 0)
        {
            var names = command.Subcommands.Where(c => !c.Hidden).Select(c => c.Name).ToList();
            var expected = $"expected one of {string.Join(", ", names)}";
            if (parse.UnmatchedTokens.Count == 0) return $"no command is given; {expected}; {help}{(command is RootCommand ? ", or try 'srcnn demo'" : "")}";
            var near = Spelling.Nearest(parse.UnmatchedTokens[0], names);
            return $"command '{parse.UnmatchedTokens[0]}' is unknown; {(near is null ? expected : $"did you mean '{near}'?")}; {help}";
        }
        return $"{Plain(parse.Errors[0].Message)}; {help}";
    }

    // The library names types as programmers do.
    private static string Plain(string message)
    {
        var at = message.IndexOf("as expected type '", StringComparison.Ordinal);
        if (at < 0)
        {
            var expected = message.StartsWith("Unrecognized", StringComparison.Ordinal) ? "expected an option of the command"
                : message.Contains("were provided", StringComparison.Ordinal) ? "expected one" : "expected it to be given";
            return $"{message.TrimEnd('.')}; {expected}";
        }
        var isNumber = message.Contains("Double", StringComparison.Ordinal);
        var isSwitch = message.Contains("Boolean", StringComparison.Ordinal);
        return $"{message[..at].TrimEnd()}; expected {(isSwitch ? "true or false" : isNumber ? "a number" : "a whole number")}";
    }

    /// <summary>An argument that looks like an option and was not put behind '--': a misspelt option, which would be taken for a file.</summary>
    private static string? MistakenOption(ParseResult parse)
    {
        var plain = parse.Tokens.TakeWhile(t => t.Type != TokenType.DoubleDash).Select(t => t.Value).ToHashSet();
        var arguments = parse.CommandResult.Children.OfType<ArgumentResult>().SelectMany(a => a.Tokens).Select(t => t.Value);
        return arguments.Concat(parse.UnmatchedTokens).FirstOrDefault(v => v.Length > 1 && v[0] == '-' && v != "--" && plain.Contains(v));
    }

    private static IEnumerable<string> Path(SymbolResult? result) =>
        result is CommandResult c ? Path(c.Parent).Append(c.Command is RootCommand ? "srcnn" : c.Command.Name) : [];

    private static IEnumerable<Command> Path(SymbolResult? parent, Command command) =>
        parent is CommandResult c ? Path(c.Parent, c.Command).Append(command) : [command];
}
