using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;

namespace Srcnn.Cli.Commands;

/// <summary><c>srcnn info MODEL</c></summary>
internal static class InfoCommand
{
    public static Command Create(Session session)
    {
        var name = new Argument<string>("model") { Description = "Shipped model or model file." };
        var json = new Option<bool>("--json") { Description = "Print one JSON document." };
        var command = new Command("info", "Says what a model is and how it came to be.") { name, json };
        command.SetAction(parse =>
        {
            var model = ModelCatalog.Resolve(parse.GetValue(name)!);
            using var stream = ModelCatalog.Open(parse.GetValue(name)!);
            var (bytes, weights) = (stream.Length, model.Weights.ToString().ToLowerInvariant());
            var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
            var parameters = model.Tensors.Sum(t => t.Values.LongLength);
            if (parse.GetValue(json))
            {
                session.PrintJson(new
                {
                    Model = parse.GetValue(name),
                    Network = model.Network.Name,
                    Config = Parse(NetworkCatalog.ToJson(model.Network)),
                    Scale = model.Scales.ToString(),
                    Parameters = parameters,
                    Weights = weights,
                    Bytes = bytes,
                    model.Psnr,
                    Class = model.Class?.Text(),
                    Training = model.Training is null ? (JsonElement?)null : Parse(model.Training),
                    Sha256 = hash,
                    Tensors = model.Tensors.Select(t => new { t.Name, t.Shape }),
                });
                return ExitCode.Done;
            }
            session.Terminal.Output.WriteLine($"""
                network     {model.Network.Name} {NetworkCatalog.ToJson(model.Network)}
                scale       {model.Scales}
                parameters  {parameters}
                weights     {weights}, {bytes} bytes
                PSNR        {(model.Psnr is { } psnr ? psnr.ToString("F2", CultureInfo.InvariantCulture) + " dB on its validation pictures (protocol y)" : "not recorded")}
                class       {model.Class?.Text() ?? "none"} (docs/stress.md says what it promises)
                training    {Failure.OneLine(model.Training is { } training ? Plain(Parse(training)) : "not recorded")}
                SHA-256     {hash}
                """);
            if (parse.GetValue(session.Verbose)) session.Terminal.Table("tensors", ["name", "shape"], [.. model.Tensors.Select(t => (IReadOnlyList<string>)[t.Name, t.ShapeText])], texts: 2);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Plain(JsonElement record) => record.ValueKind == JsonValueKind.Object
        ? string.Join(", ", record.EnumerateObject().Select(p => $"{p.Name} {p.Value}"))
        : record.ToString();

    // What a file says about its training is text from elsewhere: if it is no JSON, it is shown as a string.
    private static JsonElement Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
