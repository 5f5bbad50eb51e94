using System.CommandLine;
using System.Globalization;
using Srcnn.Engine.Data;
using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Onnx;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn export MODEL --onnx FILE</c>, or <c>--weights half|int8 -o FILE</c> for a smaller model file.</summary>
internal static class ExportCommand
{
    /// <summary>What the loss is measured on where no folder is given; the number of the first is far from those of training pictures.</summary>
    private const int GeneratedCount = 4, GeneratedSide = 240, FirstGenerated = 1 << 20;

    public static Command Create(Session session)
    {
        var name = new Argument<string>("model") { Description = "Shipped model or model file." };
        var onnx = new Option<string?>("--onnx") { Description = "The ONNX file to write; pictures may have any height and width." };
        var withBicubic = new Option<bool>("--with-bicubic")
        {
            Description = "With --onnx: the file enlarges by itself, from 8-bit RGB to 8-bit RGB, with bicubic and colours inside.",
        };
        var weights = new Option<string?>("--weights", "-w") { Description = "half or int8: write a smaller model file to --output, and print what that loses." };
        var output = new Option<string?>("--output", "-o") { Description = "The model file to write, with --weights." };
        var data = new Option<string?>("--data", "-d") { Description = "Folder of originals to measure the loss on, with --weights. Default: generated pictures." };
        var scale = new Option<int?>("--scale", "-s") { Description = "Factor, where the model serves several; a model file keeps them all, and is measured at this one." };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replace an existing file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("export", "Writes a model for other programs, or smaller.")
        {
            name, onnx, withBicubic, weights, output, data, scale, overwrite, json,
        };
        command.SetAction(parse =>
        {
            var format = parse.GetValue(weights) switch
            {
                null => (WeightFormat?)null,
                "half" => WeightFormat.Half,
                "int8" => WeightFormat.Int8,
                var other => throw new UsageException($"--weights is '{other}'; expected half or int8; correct it"),
            };
            var source = parse.GetValue(name)!;
            var target = (parse.GetValue(onnx), format, parse.GetValue(output)) switch
            {
                (null, null, null) => throw new UsageException("nothing to write is named; expected --onnx FILE, or --weights half|int8 -o FILE; give one"),
                ({ } file, null, null) => file,
                (null, not null, { } file) => file,
                (null, _, _) => throw new UsageException("--weights and --output belong together; expected both; give the other one"),
                _ => throw new UsageException("--onnx excludes --weights and --output; expected one kind of file; leave one out"),
            };
            var isWhole = parse.GetValue(withBicubic);
            if (isWhole && format is not null)
                throw new UsageException("--with-bicubic belongs to --onnx; expected no --weights beside it; leave one out");
            var folder = parse.GetValue(data);
            if (format is null && folder is not null) throw new UsageException("--data belongs to --weights; expected no folder with --onnx; leave it out");
            if (Path.GetFullPath(source) == Path.GetFullPath(target)) throw new UsageException($"{target} is the input; expected another file; choose one");
            ReportPlace.Check(target, parse.GetValue(overwrite), format is null ? "--onnx" : "--output");
            var model = ModelCatalog.Resolve(source, parse.GetValue(scale));
            var factor = parse.GetValue(scale) ?? model.Scales.First;
            if (!model.Scales.Contain(factor)) throw new ModelException(source, $"a model for scale {model.Scales}", $"expected scale {factor}", $"give --scale {model.Scales.First}");
            if (format is { } kind)
            {
                Shrink(session, parse, model, kind, factor, source, target, folder, parse.GetValue(json));
                return ExitCode.Done;
            }
            OnnxExport.Save(model, factor, target, isWhole);
            var (input, made) = OnnxExport.Describe(model, factor, isWhole);
            if (parse.GetValue(json))
            {
                session.PrintJson(new { Output = target, Network = model.Network.Name, Scale = factor, Reads = input, Makes = made });
                return ExitCode.Done;
            }
            var print = session.Terminal.Output;
            var isChosen = parse.GetValue(scale) is null && !model.Scales.Equals(new Scales(factor));
            var others = isChosen ? $"; the model also makes other factors ({model.Scales}): choose one with --scale" : "";
            print.WriteLine($"{model.Network.Name} ×{factor} written to {target}{others}");
            print.WriteLine($"  input '{OnnxExport.InputName}': {input}");
            print.WriteLine($"  output: {made}");
            if (!isWhole) print.WriteLine("  for a file that takes a picture and gives it enlarged, add --with-bicubic");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Writes the model with other weights, and measures the very file that is written.</summary>
    private static void Shrink(Session session, ParseResult parse, ModelFile model, WeightFormat format, int scale, string source, string target, string? folder, bool json)
    {
        // Score and class were measured with the weights as they were.
        var content = (model with { Weights = format, Psnr = null, Class = null }).ToSafetensors();
        var smaller = ModelFile.From(content, target);
        using var backend = session.OpenBackend(parse);
        var cost = WeightCost.Measure(model, smaller, scale, backend, folder is null ? Generated() : Read(folder), session.Stop);
        content.Save(target);

        var (before, after) = (Size(source, scale), Size(target, null));
        var (kind, pictures) = (format.ToString().ToLowerInvariant(), folder is null ? $"{cost.Pictures} generated pictures" : $"{cost.Pictures} pictures of {folder}");
        if (json)
        {
            session.PrintJson(new
            {
                Output = target,
                Network = model.Network.Name,
                Scale = scale,
                Weights = kind,
                Bytes = new { Before = before, After = after },
                cost.Pictures,
                Psnr = new { Before = Session.Finite(cost.Before), After = Session.Finite(cost.After) },
                OutputPsnr = Session.Finite(cost.Outputs),
                Protocol = "y",
            });
            return;
        }
        session.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{model.Network.Name} with {kind} weights written to {target}: {after} bytes instead of {before}"));
        session.Terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"×{scale} on {pictures}: "
            + $"{cost.After - cost.Before:+0.0000;-0.0000;0.0000} dB, from {cost.Before:F4} to {cost.After:F4} (protocol y); {(double.IsFinite(cost.Outputs) ? $"{cost.Outputs:F1} dB between the outputs" : "the same outputs")}"));
    }

    private static IEnumerable<(string, Image)> Generated() =>
        Enumerable.Range(FirstGenerated, GeneratedCount).Select(i => ($"generated {i}", SyntheticImages.Picture(GeneratedSide, GeneratedSide, seed: 1, i)));

    private static IEnumerable<(string, Image)> Read(string folder) => PictureFolder.Files(folder).Select(file => (file, ImageFile.Read(file)));

    private static long Size(string model, int? scale)
    {
        using var stream = ModelCatalog.Open(model, scale);
        return stream.Length;
    }
}
