using System.CommandLine;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn data</c>: pictures to train on and to measure with.</summary>
internal static class DataCommand
{
    public static Command Create(Session session) => new("data", "Makes and checks pictures to train on and to measure with.")
    {
        DataSynthCommand.Create(session),
        DataDegradeCommand.Create(session),
        DataListCommand.Create(session),
        DataCheckCommand.Create(session),
    };
}
