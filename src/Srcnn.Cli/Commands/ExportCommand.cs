using System.CommandLine;
using Srcnn.Engine.Models;
using Srcnn.Engine.Onnx;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn export MODEL --onnx FILE</c></summary>
internal static class ExportCommand
{
    public static Command Create(Session session)
    {
        var name = new Argument<string>("model") { Description = "Shipped model or model file." };
        var onnx = new Option<string>("--onnx") { Description = "The ONNX file to write; pictures may have any height and width.", Required = true };
        var scale = new Option<int?>("--scale", "-s") { Description = "Factor, where the model serves several." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("export", "Writes a model for other programs.") { name, onnx, scale, overwrite, json };
        command.SetAction(parse =>
        {
            var (source, target) = (parse.GetValue(name)!, parse.GetValue(onnx)!);
            if (Path.GetFullPath(source) == Path.GetFullPath(target)) throw new UsageException($"{target} is the input; expected another file; choose one");
            if (!parse.GetValue(overwrite) && File.Exists(target)) throw new OutputExistsException(target);
            var model = ModelCatalog.Resolve(source);
            var factor = parse.GetValue(scale) ?? model.Scales.First;
            if (!model.Scales.Contain(factor)) throw new ModelException(source, $"a model for scale {model.Scales}", $"expected scale {factor}", $"give --scale {model.Scales.First}");
            OnnxExport.Save(model, factor, target);
            if (parse.GetValue(json)) session.PrintJson(new { Output = target, Network = model.Network.Name, Scale = factor });
            else session.Terminal.Output.WriteLine($"{model.Network.Name} ×{factor} written to {target}");
            return ExitCode.Done;
        });
        return command;
    }
}
