using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Data;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn data list</c></summary>
internal static class DataListCommand
{
    public static Command Create(Session session)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("list", "Lists the public sets that 'data check' knows, and where they come from.") { json };
        command.SetAction(parse =>
        {
            var sets = DatasetCatalog.List();
            if (parse.GetValue(json))
            {
                session.PrintJson(new { sets = sets.Select(s => new { s.Name, s.About, s.Origin, s.Terms, Files = s.Files.Count, Bytes = s.Files.Sum(f => f.Size) }) });
                return ExitCode.Done;
            }
            session.Terminal.Table("public sets", ["name", "files", "MB"],
                [.. sets.Select(s => (IReadOnlyList<string>)[s.Name, $"{s.Files.Count}", (s.Files.Sum(f => f.Size) / 1e6).ToString("F1", CultureInfo.InvariantCulture)])]);
            foreach (var set in sets) session.Terminal.Output.WriteLine($"{set.Name}: {set.About} {set.Origin} {set.Terms}");
            return ExitCode.Done;
        });
        return command;
    }
}
