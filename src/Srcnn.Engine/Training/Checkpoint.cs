using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using Srcnn.Engine.Files;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>
/// Everything a run needs to go on as if never stopped: the model, the optimiser's state in file order, the number of the next step
/// (from which the data order and the learning rate follow) and the best score so far. A safetensors file and, behind it, a checksum.
/// </summary>
/// <param name="Model">The parameters as they are trained.</param>
/// <param name="State">The optimiser's and the average's tensors, named "moment1/conv1.weight".</param>
/// <param name="Run">Where the run stands.</param>
/// <param name="Config">The configuration as JSON.</param>
internal sealed record Checkpoint(ModelFile Model, IReadOnlyList<NamedTensor> State, RunState Run, string Config)
{
    private const int ChecksumLength = 16;

    // No score yet is −∞.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The first tensor with a value that is NaN or infinite, or null.</summary>
    public string? Broken => Model.Tensors.Concat(State).FirstOrDefault(t => t.FirstNonFinite() >= 0)?.Name;

    /// <summary>Writes the checkpoint to a temporary name, flushes and renames it.</summary>
    /// <exception cref="DivergedException">A value is NaN or infinite: nothing could go on from here, so nothing is written.</exception>
    public void Save(string path)
    {
        if (Broken is { } name) throw new DivergedException($"{name} is not finite at step {Run.Step}; expected finite numbers; lower --lr");
        using var content = new MemoryStream();
        ToSafetensors().Write(content);
        var bytes = content.ToArray();
        AtomicFile.Write(path, stream =>
        {
            stream.Write(bytes);
            stream.Write(XxHash128.Hash(bytes));
        });
    }

    /// <summary>The content without the checksum, and more tensors behind its own.</summary>
    internal SafetensorsFile ToSafetensors(params IEnumerable<NamedTensor> more)
    {
        var file = Model.ToSafetensors();
        var metadata = new Dictionary<string, string>(file.Metadata) { ["state"] = JsonSerializer.Serialize(Run, Json), ["run"] = Config };
        return new SafetensorsFile([.. file.Tensors, .. State, .. more], metadata);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="ModelException">A bit is wrong anywhere, or it is no checkpoint.</exception>
    public static Checkpoint Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < ChecksumLength || !XxHash128.Hash(bytes.AsSpan(..^ChecksumLength)).AsSpan().SequenceEqual(bytes.AsSpan(^ChecksumLength..)))
            throw new ModelException(path, "the checksum does not match", "expected an intact checkpoint", "the file is damaged; resume from the one before");
        var file = SafetensorsFile.Read(new MemoryStream(bytes, 0, bytes.Length - ChecksumLength), path);
        var model = ModelFile.From(new SafetensorsFile([.. file.Tensors.Where(t => !t.Name.Contains('/'))], file.Metadata), path);
        try
        {
            var run = JsonSerializer.Deserialize<RunState>(file.Metadata["state"], Json) ?? throw new JsonException("the state is null");
            return new Checkpoint(model, [.. file.Tensors.Where(t => t.Name.Contains('/'))], run, file.Metadata["run"]);
        }
        catch (Exception e) when (e is KeyNotFoundException or JsonException)
        {
            throw new ModelException(path, $"a model without the state of a run ({e.Message})", "expected a checkpoint", "resume from a checkpoint of 'srcnn train'", e);
        }
    }
}
