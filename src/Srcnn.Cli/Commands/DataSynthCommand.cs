using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn data synth</c></summary>
internal static class DataSynthCommand
{
    public static Command Create(Session session)
    {
        var output = new Option<string>("--output", "-o") { Description = "Folder to write to.", Required = true };
        var count = new Option<int>("--count", "-n") { Description = "Pictures.", DefaultValueFactory = _ => 20 };
        var width = new Option<int>("--width") { Description = "Pixels.", DefaultValueFactory = _ => 256 };
        var height = new Option<int>("--height") { Description = "Pixels.", DefaultValueFactory = _ => 256 };
        var seed = new Option<ulong>("--seed") { Description = "The same seed gives the same pictures everywhere.", DefaultValueFactory = _ => 1 };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace existing files." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("synth", "Writes generated pictures.") { output, count, width, height, seed, overwrite, json };
        command.SetAction(parse =>
        {
            var folder = parse.GetValue(output)!;
            UpscaleCommand.InRange("--count", parse.GetValue(count), 1, 1_000_000);
            UpscaleCommand.InRange("--width", parse.GetValue(width), 1, 16384);
            UpscaleCommand.InRange("--height", parse.GetValue(height), 1, 16384);
            var names = Enumerable.Range(0, parse.GetValue(count)).Select(i => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"synth-{i:D4}.png"))).ToList();
            if (!parse.GetValue(overwrite) && names.Find(File.Exists) is { } existing) throw new OutputExistsException(existing);
            Directory.CreateDirectory(folder);
            for (var i = 0; i < names.Count; i++)
            {
                session.Stop.ThrowIfCancellationRequested();
                ImageFile.Write(names[i], SyntheticImages.Picture(parse.GetValue(width), parse.GetValue(height), parse.GetValue(seed), i));
            }
            if (parse.GetValue(json)) session.PrintJson(new { Output = folder, Files = names.Select(n => Path.GetFileName(n)) });
            else session.Terminal.Output.WriteLine($"{names.Count} pictures written to {folder}");
            return ExitCode.Done;
        });
        return command;
    }
}
