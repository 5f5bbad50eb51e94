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
            List<ReportedRun> seen = [];
            foreach (var (run, config) in configs)
            {
                session.Stop.ThrowIfCancellationRequested();
                seen.Add(RunSamples.Read(run, config, backend));
            }
            foreach (var run in seen.Where(r => r.Model is null))
            {
                var curves = run.Log.Count == 0 ? " and no curves" : "";
                session.Warn($"{run.Name} has no model yet, so no pictures{curves}; it gets one at its first validation; write the page again then");
            }
            TrainingReport.Create([.. seen]).Save(page);
            session.Log($"report written to {page}; open it in a browser");
            return ExitCode.Done;
        });
        return command;
    }
}
