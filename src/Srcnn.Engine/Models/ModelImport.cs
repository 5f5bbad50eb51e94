using System.Text.Json;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>Reads weights that others wrote and makes them a model of ours.</summary>
public static class ModelImport
{
    /// <summary>Recognises the authors' MATLAB files, and safetensors files with our tensor names, by their content.</summary>
    /// <param name="scale">The factor; null where the file says it.</param>
    /// <exception cref="ModelException">The file is broken or no known network, or its scale is unknown or another one.</exception>
    public static ModelFile Load(string path, int? scale)
    {
        var model = IsSafetensors(path) ? FromSafetensors(path) : FromAuthors(path);
        if (model.Scale == 0 && scale is null) throw new ModelException(path, "weights that do not say their scale", "expected to be told", "give --scale");
        if (model.Scale != 0 && scale is { } wanted && wanted != model.Scale)
            throw new ModelException(path, $"a model for scale {model.Scale}", $"expected scale {wanted}", $"give --scale {model.Scale} or leave it out");
        return model.Scale == 0 ? model with { Scale = scale!.Value } : model;
    }

    // Behind the length of its header every safetensors file has the brace of a JSON object.
    private static bool IsSafetensors(string path)
    {
        using var stream = ModelStream.Open(path);
        Span<byte> start = stackalloc byte[9];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[8] == '{';
    }

    private static ModelFile FromAuthors(string path)
    {
        var author = AuthorWeights.Load(path);
        // The paper's symbols are the names of the configuration's own properties.
        var config = NetworkCatalog.FromJson(author.Network, JsonSerializer.Serialize(author.Config));
        var training = JsonSerializer.Serialize(new Dictionary<string, string> { ["source"] = $"published weights of the authors, {Path.GetFileName(path)}" });
        return new ModelFile(config, 0, ModelFile.InOrder(config, author.Tensors, path), training);
    }

    private static ModelFile FromSafetensors(string path)
    {
        var file = SafetensorsFile.Load(path);
        if (file.Metadata.ContainsKey("format") && file.Metadata.ContainsKey("network")) return ModelFile.From(file, path);
        var shapes = Enumerable.Range(1, 3).Select(i => file.Find($"conv{i}.weight")?.Shape).ToArray();
        if (!Array.TrueForAll(shapes, s => s is [_, _, var r, var c] && r == c))
            throw new ModelException(path, $"tensors {string.Join(", ", file.Tensors.Take(4).Select(t => ModelException.Quote(t.Name)))}", "expected conv1.weight, conv2.weight and conv3.weight of four sizes", "rename the tensors, or import the authors' own file");
        var config = new SrcnnConfig(shapes[0]![2], shapes[1]![2], shapes[2]![2], shapes[0]![0], shapes[1]![0], shapes[0]![1]);
        return new ModelFile(config, 0, ModelFile.InOrder(config, file.Tensors, path));
    }
}
