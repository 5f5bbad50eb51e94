using System.Text;
using System.Text.RegularExpressions;

namespace Srcnn.Tests.Cli;

/// <summary>Writes docs/commands.md from what the program prints with <c>--help</c>, and holds the page to it.</summary>
public sealed partial class CommandsPage
{
    private const string Arguments = "Arguments", Options = "Options", Commands = "Commands";

    [Test]
    public void ThePageIsWhatTheProgramSays()
    {
        var path = Path.Combine(Repository.Root, "docs", "commands.md");
        var text = Text();
        if (Environment.GetEnvironmentVariable("SRCNN_UPDATE_PAGES") == "1") File.WriteAllText(path, text);
        Assert.That(File.Exists(path) ? File.ReadAllText(path) : "", Is.EqualTo(text),
            "docs/commands.md is stale; write it anew with: SRCNN_UPDATE_PAGES=1 dotnet test tests/Srcnn.Tests --filter FullyQualifiedName~CommandsPage");
    }

    private static string Text()
    {
        var page = new StringBuilder("""
            # Commands

            What `srcnn COMMAND --help` prints, written by `SRCNN_UPDATE_PAGES=1 dotnet test tests/Srcnn.Tests --filter FullyQualifiedName~CommandsPage`.
            What the exit codes mean stands in [faults.md](faults.md#exit-codes).

            Every command takes these options:


            """);
        var root = Help();
        var common = root[Options].Where(row => row.Name != "--version").ToList();
        Table(page, "option", common);
        page.Append('\n');
        foreach (var (name, does) in root[Commands]) page.Append($"- [`srcnn {First(name)}`](#srcnn-{First(name)}): {does}\n");
        foreach (var (name, _) in root[Commands]) Describe(page, [First(name)], [.. common.Select(row => row.Name)]);
        return page.ToString();
    }

    private static void Describe(StringBuilder page, string[] command, HashSet<string> known)
    {
        var help = Help(command);
        if (help.TryGetValue(Commands, out var parts))
        {
            foreach (var (name, _) in parts) Describe(page, [.. command, First(name)], known);
            return;
        }
        page.Append($"\n## srcnn {string.Join(' ', command)}\n\n{help["Description"][0].Name}\n\n    srcnn {After(help["Usage"][0].Name)}\n");
        foreach (var section in (string[])[Arguments, Options])
        {
            var rows = help.GetValueOrDefault(section)?.Where(row => !known.Contains(row.Name)).ToList();
            if (rows is not { Count: > 0 }) continue;
            page.Append('\n');
            Table(page, section == Arguments ? "argument" : "option", rows);
        }
    }

    private static void Table(StringBuilder page, string title, IEnumerable<(string Name, string Text)> rows)
    {
        page.Append($"| {title} | |\n|---|---|\n");
        foreach (var (name, text) in rows) page.Append($"| `{name}` | {text.Replace("|", "\\|", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal)} |\n");
    }

    // Help begins with the name of whatever runs.
    private static string After(string usage) => usage[(usage.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static string First(string name) => name.Split(' ')[0];

    /// <summary>The sections of a command's help, line by line: what stands left and right.</summary>
    private static Dictionary<string, List<(string Name, string Text)>> Help(params string[] command)
    {
        Dictionary<string, List<(string, string)>> sections = [];
        List<(string, string)> lines = [];
        foreach (var line in Invocation.Run([.. command, "--help"]).Succeeds().Output.ReplaceLineEndings("\n").Split('\n'))
        {
            if (line.EndsWith(':') && !line.StartsWith(' ')) sections.Add(line.TrimEnd(':'), lines = []);
            else if (Columns().Match(line) is { Success: true } columns) lines.Add((columns.Groups[1].Value, columns.Groups[2].Value));
        }
        return sections;
    }

    [GeneratedRegex("^  (\\S.*?)(?: {2,}(.*))?$")]
    private static partial Regex Columns();
}
