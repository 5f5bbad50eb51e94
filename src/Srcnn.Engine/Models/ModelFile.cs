using System.Globalization;
using System.Text.Json;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>A trained network as a file holds it: what it is, for which scale, its tensors in PyTorch order, and how it came to be.</summary>
/// <param name="Network">Its sizes.</param>
/// <param name="Scales">The upscaling factors it was trained for.</param>
/// <param name="Tensors">Every parameter of the network, in its order.</param>
/// <param name="Training">JSON: data, steps, seed, commit; null if unknown.</param>
/// <param name="Psnr">Validation PSNR in dB; null if never measured.</param>
/// <param name="Class">What it promises on pictures that are no photographs; null promises nothing.</param>
/// <param name="Weights">How the file holds the tensors, which are float here.</param>
public sealed record ModelFile(
    NetworkConfig Network, Scales Scales, IReadOnlyList<NamedTensor> Tensors, string? Training = null, double? Psnr = null,
    ModelClass? Class = null, WeightFormat Weights = WeightFormat.Float)
{
    private const string Format = "srcnn/1";

    /// <summary>What the metadata of a checkpoint has besides. Its tensors with <see cref="StateMark"/> in their names are the state of a run.</summary>
    internal const string StateKey = "state";

    /// <summary>No parameter of a network has it in its name.</summary>
    internal const char StateMark = '/';

    /// <summary>So many mismatches are named in a message: a deep network has dozens.</summary>
    private const int MostNamed = 8;

    /// <summary>Reads and checks a model file; a checkpoint of a run is one too.</summary>
    /// <exception cref="ModelException">It is no model of ours, or its tensors do not fit its network; the mismatches are listed.</exception>
    public static ModelFile Load(string path) => From(SafetensorsFile.Load(path), path);

    /// <summary>Reads a model from a stream; <paramref name="name"/> stands for the file in messages.</summary>
    /// <exception cref="ModelException">As for <see cref="Load"/>.</exception>
    public static ModelFile Read(Stream stream, string name) => From(SafetensorsFile.Read(stream, name), name);

    /// <summary>Checks what <paramref name="file"/> says and makes it a model.</summary>
    /// <exception cref="ModelException">As for <see cref="Load"/>.</exception>
    public static ModelFile From(SafetensorsFile file, string name)
    {
        var metadata = file.Metadata;
        if (metadata.GetValueOrDefault("format") != Format)
        {
            throw new ModelException(
                name, $"format {ModelException.Quote(metadata.GetValueOrDefault("format") ?? "not stated")}", $"expected '{Format}'",
                "import foreign weights with 'srcnn import'");
        }
        var network = metadata.GetValueOrDefault("network") ?? "";
        NetworkConfig config;
        try
        {
            config = NetworkCatalog.FromJson(network, metadata.GetValueOrDefault("config") ?? "{}");
        }
        catch (Exception e) when (e is UnknownNetworkException or JsonException)
        {
            throw new ModelException(name, $"network {ModelException.Quote(network)} with an unusable configuration ({e.Message.Split('\n')[0]})", "expected a network this version knows",
                "update srcnn or check the file", e);
        }
        if (config.Name != network)
            throw new ModelException(name, $"network {ModelException.Quote(network)} with the configuration of {config.Name}", "expected them to agree", "the file was altered; get it again");
        if (Scales.Parse(metadata.GetValueOrDefault("scale")) is not { } scales)
            throw new ModelException(name, $"scale {ModelException.Quote(metadata.GetValueOrDefault("scale") ?? "not stated")}", "expected a whole number from 1 to 16, or several as in '2,3,4'", "the file was altered; get it again");
        var tensors = metadata.ContainsKey(StateKey) ? [.. file.Tensors.Where(t => !t.Name.Contains(StateMark))] : file.Tensors;
        double? psnr = double.TryParse(metadata.GetValueOrDefault("psnr"), CultureInfo.InvariantCulture, out var recorded) && double.IsFinite(recorded) ? recorded : null;
        var weights = WeightPacking.FormatOf(tensors);
        if (metadata.GetValueOrDefault("weights") is { } stated && stated != WeightPacking.NameOf(weights))
            throw new ModelException(name, $"weights {ModelException.Quote(stated)} over tensors of {WeightPacking.NameOf(weights)}", "expected them to agree", "the file was altered; get it again");
        return new ModelFile(
            config, scales, InOrder(config, scales.First, tensors, name), metadata.GetValueOrDefault("training"), psnr, ClassOf(metadata, name), weights);
    }

    /// <summary>The file's content; reading it back gives this model, its values as <see cref="Weights"/> can hold them.</summary>
    /// <exception cref="ModelException">A value is beyond what <see cref="Weights"/> can hold.</exception>
    public SafetensorsFile ToSafetensors()
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["network"] = Network.Name,
            ["config"] = NetworkCatalog.ToJson(Network),
            ["scale"] = Scales.ToString(),
        };
        if (Training is not null) metadata["training"] = Training;
        if (Psnr is { } psnr) metadata["psnr"] = psnr.ToString("F3", CultureInfo.InvariantCulture);
        if (Class is { } promised) metadata["class"] = promised.Text();
        if (Weights != WeightFormat.Float) metadata["weights"] = WeightPacking.NameOf(Weights);
        return new SafetensorsFile(WeightPacking.Pack(this), metadata);
    }

    private static ModelClass? ClassOf(IReadOnlyDictionary<string, string> metadata, string name)
    {
        if (!metadata.TryGetValue("class", out var text)) return null;
        return ModelClassText.Parse(text)
            ?? throw new ModelException(name, $"class {ModelException.Quote(text)}", $"expected one of {string.Join(", ", ModelClassText.All)}", "update srcnn or check the file");
    }

    /// <summary>Writes the model; an existing file is replaced only by a complete one.</summary>
    public void Save(string path) => ToSafetensors().Save(path);

    /// <summary>The network's parameters at <paramref name="scale"/> out of <paramref name="tensors"/>, in the network's order, as floats.</summary>
    /// <exception cref="ModelException">Some are missing, of another shape, or unknown, or 8-bit weights lack their scales.</exception>
    public static IReadOnlyList<NamedTensor> InOrder(NetworkConfig network, int scale, IReadOnlyList<NamedTensor> tensors, string name)
    {
        var parameters = network.ParametersAt(scale).ToList();
        List<string> wrong = [];
        tensors = WeightPacking.Unpack(tensors, parameters, wrong);
        var byName = tensors.ToDictionary(t => t.Name);
        foreach (var parameter in parameters)
        {
            if (!byName.TryGetValue(parameter.Name, out var tensor)) wrong.Add($"{parameter.Name} is missing");
            else if (!tensor.Shape.SequenceEqual(parameter.FileShape)) wrong.Add($"{parameter.Name} is {tensor.ShapeText} instead of [{string.Join(", ", parameter.FileShape)}]");
        }
        wrong.AddRange(tensors.Select(t => t.Name).Except(parameters.Select(p => p.Name)).Select(n => $"{ModelException.Quote(n)} is unknown"));
        if (wrong.Count > 0)
            throw new ModelException(name, string.Join(", ", wrong.Take(MostNamed)) + (wrong.Count > MostNamed ? $" and {wrong.Count - MostNamed} more" : ""), $"expected the tensors of {network.Name}", "give a model of that network");
        return [.. parameters.Select(p => byName[p.Name])];
    }
}
