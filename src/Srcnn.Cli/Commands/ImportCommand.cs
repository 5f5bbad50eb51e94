using System.CommandLine;
using Srcnn.Engine.Models;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn import FILE --scale S -o MODEL</c></summary>
internal static class ImportCommand
{
    public static Command Create(Session session)
    {
        var file = new Argument<string>("file") { Description = "The authors' MATLAB file, or a safetensors file with our tensor names." };
        var scale = new Option<int?>("--scale", "-s") { Description = "Factor the weights are for; may be left out where the file says it." };
        var output = new Option<string>("--output", "-o") { Description = "The model file to write.", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("import", "Turns weights from elsewhere into a model file.") { file, scale, output, overwrite, json };
        command.SetAction(parse =>
        {
            var (source, target) = (parse.GetValue(file)!, parse.GetValue(output)!);
            UpscaleCommand.InRange("--scale", parse.GetValue(scale), 1, 16);
            if (Path.GetFullPath(source) == Path.GetFullPath(target)) throw new UsageException($"{target} is the input; expected another file; choose one");
            if (!parse.GetValue(overwrite) && File.Exists(target)) throw new OutputExistsException(target);
            var model = ModelImport.Load(source, parse.GetValue(scale));
            model.Save(target);
            if (parse.GetValue(json)) session.PrintJson(new { Output = target, Network = model.Network.Name, Scale = model.Scales.ToString(), Parameters = model.Tensors.Sum(t => t.Values.LongLength) });
            else session.Terminal.Output.WriteLine($"{model.Network.Name} ×{model.Scales} written to {target}; use it with: srcnn upscale picture.png --model {target}");
            return ExitCode.Done;
        });
        return command;
    }
}
