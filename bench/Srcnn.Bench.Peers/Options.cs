using System.Globalization;

namespace Srcnn.Bench.Peers;

/// <summary>What the command line says.</summary>
/// <param name="Output">Folder of the results page.</param>
/// <param name="Threads">Threads of every engine.</param>
/// <param name="Rounds">Turns of each engine in each contest.</param>
/// <param name="Quick">Tiny sizes, one round: only to see that everything works.</param>
/// <param name="Command">The command that the page names.</param>
/// <param name="Commit">The commit that the page names.</param>
/// <param name="Layers">Folder of BenchmarkDotNet's reports, or null.</param>
/// <param name="Srcnn">The program srcnn, for the large picture, or null.</param>
/// <param name="Files">Folder with large.png and model-x2.safetensors, or photo.jpg; or null.</param>
/// <param name="Data">Folder to train on, for the time to quality.</param>
/// <param name="Val">Folder to judge that quality on.</param>
/// <param name="Only">Only work whose name contains this, and no memory; null for everything.</param>
/// <param name="Device">Device to measure beside the host, such as "opencl".</param>
internal sealed record Options(
    string Output, int Threads = 2, int Rounds = 5, bool Quick = false, string Command = "bench/run.sh", string Commit = "unknown",
    string? Layers = null, string? Srcnn = null, string? Files = null, string? Data = null, string? Val = null, string? Only = null, string? Device = null)
{
    public const string Usage =
        "usage: run --output FOLDER [--threads N] [--rounds N] [--quick] [--command TEXT] [--commit TEXT] [--layers FOLDER] [--srcnn FILE --files FOLDER] [--only TEXT]\n"
        + "       device --device NAME --output FOLDER [--threads N] [--rounds N] [--quick] [--command TEXT] [--commit TEXT]\n"
        + "       train --data FOLDER --val FOLDER [--threads N] [--quick]\n"
        + "       photo --srcnn FILE --files FOLDER [--threads N] [--rounds N]";

    /// <exception cref="ArgumentException">An option is unknown or lacks its value.</exception>
    public static Options Parse(ReadOnlySpan<string> args)
    {
        var options = new Options("");
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (name == "--quick")
            {
                options = options with { Quick = true };
                continue;
            }
            if (++i == args.Length) throw new ArgumentException($"{name} lacks a value; {Usage}");
            var value = args[i];
            options = name switch
            {
                "--output" => options with { Output = value },
                "--threads" => options with { Threads = Number(value) },
                "--rounds" => options with { Rounds = Number(value) },
                "--command" => options with { Command = value },
                "--commit" => options with { Commit = value },
                "--layers" => options with { Layers = value },
                "--srcnn" => options with { Srcnn = value },
                "--files" => options with { Files = value },
                "--data" => options with { Data = value },
                "--only" => options with { Only = value },
                "--device" => options with { Device = value },
                "--val" => options with { Val = value },
                _ => throw new ArgumentException($"{name} is unknown; {Usage}"),
            };
        }
        return options;
    }

    /// <summary>The value of an option that must be given.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public static string Required(string? value, string name) => string.IsNullOrEmpty(value) ? throw new ArgumentException($"{name} is missing; {Usage}") : value;

    private static int Number(string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new ArgumentException($"'{value}' is no positive number; {Usage}");
}
