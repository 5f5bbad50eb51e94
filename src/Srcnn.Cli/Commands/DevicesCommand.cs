using System.CommandLine;
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
            var devices = Backend.Devices();
            // The rule of --device auto: a GPU, cuda before opencl, else host.
            var auto = (devices.FirstOrDefault(d => d.Kind == "gpu") ?? devices.First(d => d.Name == "host")).Name;
            if (parse.GetValue(json)) session.PrintJson(new { devices = devices.Select(d => new { d.Name, d.Description, d.Kind, Auto = d.Name == auto }) });
            else
            {
                session.Terminal.Table("devices", ["name", "kind", "what"], [.. devices.Select(d => (IReadOnlyList<string>)[d.Name, d.Kind, d.Description])], texts: 3);
                session.Terminal.Output.WriteLine($"--device auto takes {auto}; check one with 'srcnn selftest --device NAME'");
            }
            return ExitCode.Done;
        });
        return command;
    }
}
