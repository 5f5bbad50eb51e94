using System.CommandLine;
using Srcnn.Cli.Devices;

namespace Srcnn.Cli.Commands;

/// <summary>The hidden command that <see cref="DeviceProbe"/> runs.</summary>
internal static class ProbeDevicesCommand
{
    public static Command Create(Session session)
    {
        var command = new Command(DeviceProbe.Command, "Looks for devices, for srcnn itself.") { Hidden = true };
        command.SetAction(_ =>
        {
            foreach (var line in DeviceReport.Look()) session.Terminal.Output.WriteLine(line);
            return ExitCode.Done;
        });
        return command;
    }
}
