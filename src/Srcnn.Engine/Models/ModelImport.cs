using System.Text.Json;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>Reads weights that others wrote and makes them a model of ours.</summary>
public static class ModelImport
{
    /// <summary>Recognises the authors' MATLAB files, and safetensors files of leftthomas/SRGAN or with our tensor names, by their content.</summary>
    /// <param name="scale">The factor; null where the file says it.</param>
    /// <exception cref="ModelException">The file is broken or no known network, or its scale is unknown or another one.</exception>
    public static ModelFile Load(string path, int? scale)
    {
        return IsSafetensors(path) ? FromSafetensors(path, scale) : FromAuthors(AuthorWeights.Load(path), path, scale);
    }

    /// <summary>What the file says, or else the user.</summary>
    private static Scales ScalesOf(string path, Scales? stated, int? wanted)
    {
        if (stated is null) return wanted ?? throw new ModelException(path, "weights that do not say their scale", "expected to be told", "give --scale");
        if (wanted is { } scale && !stated.Contain(scale))
            throw new ModelException(path, $"a model for scale {stated}", $"expected scale {scale}", $"give --scale {stated.First} or leave it out");
        return stated;
    }

    // Behind the length of its header every safetensors file has the brace of a JSON object.
    private static bool IsSafetensors(string path)
    {
        using var stream = ModelStream.Open(path);
        Span<byte> start = stackalloc byte[9];
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length && start[8] == '{';
    }

    private static ModelFile FromAuthors(AuthorModel author, string path, int? scale)
    {
        var training = JsonSerializer.Serialize(new Dictionary<string, string> { ["source"] = $"published weights of the authors, {Path.GetFileName(path)}" });
        var scales = ScalesOf(path, author.Scales, scale);
        return new ModelFile(author.Network, scales, ModelFile.InOrder(author.Network, scales.First, author.Tensors, path), training);
    }

    private static ModelFile FromSafetensors(string path, int? scale)
    {
        var file = SafetensorsFile.Load(path);
        if (file.Metadata.ContainsKey("format") && file.Metadata.ContainsKey("network"))
        {
            var model = ModelFile.From(file, path);
            return model with { Scales = ScalesOf(path, model.Scales, scale) };
        }
        if (SrganWeights.Matches(file)) return FromAuthors(SrganWeights.Read(file, path), path, scale);
        var shapes = Enumerable.Range(1, 3).Select(i => file.Find($"conv{i}.weight")?.Shape).ToArray();
        if (!Array.TrueForAll(shapes, s => s is [_, _, var r, var c] && r == c))
            throw new ModelException(path, $"tensors {string.Join(", ", file.Tensors.Take(4).Select(t => ModelException.Quote(t.Name)))}", "expected conv1.weight, conv2.weight and conv3.weight of four sizes", "rename the tensors, or import the authors' own file");
        var config = new SrcnnConfig(shapes[0]![2], shapes[1]![2], shapes[2]![2], shapes[0]![0], shapes[1]![0], shapes[0]![1]);
        var scales = ScalesOf(path, null, scale);
        return new ModelFile(config, scales, ModelFile.InOrder(config, scales.First, file.Tensors, path));
    }
}
