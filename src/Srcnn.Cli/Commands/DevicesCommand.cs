using System.CommandLine;
using Srcnn.Cli.Devices;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn devices</c></summary>
internal static class DevicesCommand
{
    public static Command Create(Session session)
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("devices", "Lists what this machine can compute on.") { json };
        command.SetAction(parse =>
        {
            var report = session.Probe.Look();
            DeviceVerdict[] devices = [.. report.Devices, .. Backend.Embedded().Select(d => new DeviceVerdict(d.Name, d.Kind, d.Description, null))];
            // The rule of --device auto: a GPU without a flaw, cuda before opencl, else host.
            var auto = devices.FirstOrDefault(d => d is { Kind: "gpu", Flaw: null })?.Name ?? "host";
            if (report.Trouble is not null) session.Warn($"not every device could be looked for ({report.Trouble}); expected drivers that answer; update them");
            if (parse.GetValue(json)) session.PrintJson(new { devices = devices.Select(d => new { d.Name, d.Description, d.Kind, d.Flaw, Auto = d.Name == auto }) });
            else
            {
                session.Terminal.Table("devices", ["name", "kind", "what", "flaw"], [.. devices.Select(d => (IReadOnlyList<string>)[d.Name, d.Kind, d.Description, d.Flaw ?? "none"])], texts: 4);
                session.Terminal.Output.WriteLine($"--device auto takes {auto}; check one with 'srcnn selftest --device NAME'");
            }
            return ExitCode.Done;
        });
        return command;
    }
}
