using System.CommandLine;
using Srcnn.Engine.Imaging;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn data degrade DIR --scale S -o OUT</c></summary>
internal static class DataDegradeCommand
{
    public static Command Create(Session session)
    {
        var folder = new Argument<string>("dir") { Description = "Folder of original pictures." };
        var scale = new Option<int>("--scale", "-s") { Description = "Factor to shrink by.", DefaultValueFactory = _ => 3 };
        var output = new Option<string>("--output", "-o") { Description = "Folder to write to.", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace existing files." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("degrade", "Writes low-resolution PNGs of the same names, as MATLAB's bicubic makes them from 8-bit files.") { folder, scale, output, overwrite, json };
        command.SetAction(parse =>
        {
            var (source, target, factor) = (parse.GetValue(folder)!, parse.GetValue(output)!, parse.GetValue(scale));
            UpscaleCommand.InRange("--scale", factor, 1, 16);
            if (Path.GetFullPath(source) == Path.GetFullPath(target)) throw new UsageException($"{target} is the input; expected another folder; choose one");
            var names = PictureFolder.Files(source).Select(f => (Input: f, Output: Path.Combine(target, Path.GetFileNameWithoutExtension(f) + ".png"))).ToList();
            if (names.GroupBy(n => n.Output).FirstOrDefault(g => g.Count() > 1) is { } clash)
                throw new UsageException($"{string.Join(" and ", clash.Select(n => n.Input))} have the same output {clash.Key}; expected names that differ; rename one");
            if (!parse.GetValue(overwrite) && names.Find(n => File.Exists(n.Output)).Output is { } existing) throw new OutputExistsException(existing);
            Directory.CreateDirectory(target);
            List<object> results = [];
            var (code, failed) = (ExitCode.Done, 0);
            foreach (var (input, file) in names)
            {
                session.Stop.ThrowIfCancellationRequested();
                try
                {
                    var picture = Inputs.Read(input, path => ImageFile.Read(path));
                    if (Math.Min(picture.Width, picture.Height) < factor) throw new ImageException(input, $"{picture.Width}×{picture.Height} pixels", $"at least {factor} on each side");
                    var low = Degradation.LowResolution8(picture, factor);
                    ImageFile.Write(file, low);
                    results.Add(new { input, output = file, status = "done", low.Width, low.Height, error = (string?)null });
                }
                catch (Exception e) when (Failure.Of(e) is { Code: ExitCode.Input or ExitCode.Output } failure)
                {
                    session.PrintError(failure);
                    results.Add(new { input, output = file, status = "failed", width = (int?)null, height = (int?)null, error = failure.Message });
                    (failed, code) = (failed + 1, names.Count == 1 ? failure.Code : ExitCode.Partial);
                }
            }
            if (parse.GetValue(json)) session.PrintJson(new { results, failed });
            else session.Terminal.Output.WriteLine($"{results.Count - failed} pictures written to {target}");
            return code;
        });
        return command;
    }
}
