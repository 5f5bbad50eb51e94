using System.CommandLine;
using Srcnn.Engine.Reports;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn report RUN…</c></summary>
internal static class ReportCommand
{
    public static Command Create(Session session)
    {
        var runs = new Argument<string[]>("run") { Description = "Folders that 'srcnn train' wrote; also of runs still going on.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "Web page to write.", DefaultValueFactory = _ => "report.html" };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing page." };
        var command = new Command("report", "Shows one training run, or several side by side, as a web page.") { runs, output, overwrite };
        command.SetAction(parse =>
        {
            var page = parse.GetValue(output)!;
            if (!parse.GetValue(overwrite) && File.Exists(page)) throw new OutputExistsException(page);
            var configs = parse.GetValue(runs)!.Select(run => (run, TrainCommand.ReadRun(run))).ToList();
            using var backend = session.OpenBackend(parse);
            TrainingReport.Create([.. configs.Select(r => RunSamples.Read(r.run, r.Item2, backend))]).Save(page);
            session.Log($"report written to {page}");
            return ExitCode.Done;
        });
        return command;
    }
}
