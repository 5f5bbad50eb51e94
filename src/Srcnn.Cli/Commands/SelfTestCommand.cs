using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Diagnostics;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn selftest</c></summary>
internal static class SelfTestCommand
{
    public static Command Create(Session session)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var model = new Option<string[]>("--model", "-m") { Description = "Also run these models on a generated picture. Default: every shipped one.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("selftest", "Checks that a device computes rightly, op by op, against plain loops in double.") { model, json };
        command.SetAction(parse =>
        {
            using var backend = session.OpenBackend(parse, untested: true);
            var models = parse.GetValue(model) is { Length: > 0 } given ? given : [.. Engine.Models.ModelCatalog.Names];
            List<SelfTestResult> results = [];
            foreach (var result in SelfTest.Run(backend).Concat(models.SelectMany(name => SelfTest.RunModel(backend, name))))
            {
                session.Stop.ThrowIfCancellationRequested();
                results.Add(result);
            }
            var wrong = results.Where(r => !r.Passed).ToList();
            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Device = backend.Name,
                    backend.Description,
                    Passed = wrong.Count == 0,
                    Ops = results.Select(r => new { r.Op, r.Case, Error = Session.Finite(r.Error), r.Limit, r.Passed }),
                });
            }
            else
            {
                session.Terminal.Table($"{backend.Name} ({backend.Description}) against the reference", ["op", "case", "error", "limit", "result"],
                    [.. results.Select(r => (IReadOnlyList<string>)[r.Op, r.Case, Number(r.Error), Number(r.Limit), r.Passed ? "ok" : "WRONG"])], texts: 2);
            }
            if (wrong.Count == 0)
            {
                session.Log($"{backend.Name} computes rightly: {results.Count} checks");
                return ExitCode.Done;
            }
            session.PrintError(new Failure(ExitCode.Device, $"{backend.Name} computes wrongly in {wrong.Count} of {results.Count} checks, the first {wrong[0].Op} ({wrong[0].Case}); expected errors within rounding; update its driver or choose another --device"));
            return ExitCode.Device;
        });
        return command;
    }

    private static string Number(double value) => value.ToString("0.0e+0", CultureInfo.InvariantCulture);
}
