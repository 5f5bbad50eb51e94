using System.IO.Hashing;
using System.Text.Json;
using System.Text.Json.Serialization;
using Srcnn.Engine.Files;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>
/// Everything a run needs to go on as if never stopped: the parameters, the optimiser's state in file order, the number of the next step
/// (from which the data order and the learning rate follow) and the best score so far. A model file with more in it, and a checksum.
/// </summary>
/// <param name="Model">The model as it may be used now: averaged and plain.</param>
/// <param name="State">The parameters as they are trained, the optimiser's and the average's tensors, named "trained/conv1.weight".</param>
/// <param name="Run">Where the run stands.</param>
/// <param name="Config">The configuration as JSON.</param>
internal sealed record Checkpoint(ModelFile Model, IReadOnlyList<NamedTensor> State, RunState Run, string Config)
{
    /// <summary>Of the parameters as they are trained.</summary>
    public const string Trained = "trained/";

    private const string RunKey = "run";

    /// <summary>Up to version 0.1 the checksum stood behind the last tensor, and the model's tensors were those that are trained.</summary>
    private const int OldChecksumLength = 16;

    // No score yet is −∞.
    private static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>The first tensor with a value that is NaN or infinite, or null.</summary>
    public string? Broken => Model.Tensors.Concat(State).FirstOrDefault(t => t.FirstNonFinite() >= 0)?.Name;

    /// <summary>Writes the checkpoint to a temporary name, flushes and renames it.</summary>
    /// <exception cref="DivergedException">A value is NaN or infinite: nothing could go on from here, so nothing is written.</exception>
    public void Save(string path)
    {
        if (Broken is { } name) throw new DivergedException($"{name} is not finite at step {Run.Step}; expected finite numbers; lower --lr");
        AtomicFile.Write(path, ToSafetensors().WriteChecked);
    }

    /// <summary>The content without the checksum, and more tensors behind its own.</summary>
    internal SafetensorsFile ToSafetensors(params IEnumerable<NamedTensor> more)
    {
        var file = Model.ToSafetensors();
        var state = JsonSerializer.Serialize(Run, Json);
        var metadata = new Dictionary<string, string>(file.Metadata) { [ModelFile.StateKey] = state, [RunKey] = Config };
        return new SafetensorsFile([.. file.Tensors, .. State, .. more], metadata);
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="ModelException">A bit is wrong anywhere, or it is no checkpoint.</exception>
    public static Checkpoint Load(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var isOld = IsOld(bytes);
        var file = SafetensorsFile.Read(new MemoryStream(bytes, 0, bytes.Length - (isOld ? OldChecksumLength : 0)), path);
        if (!isOld && !file.Metadata.ContainsKey(SafetensorsChecksum.Key)) throw NoCheckpoint("no checksum");
        var model = ModelFile.From(file, path);
        var state = file.Tensors.Where(t => t.Name.Contains(ModelFile.StateMark));
        if (isOld) state = state.Concat(model.Tensors.Select(t => t with { Name = Trained + t.Name }));
        try
        {
            var run = JsonSerializer.Deserialize<RunState>(file.Metadata[ModelFile.StateKey], Json)
                ?? throw new JsonException("the state is null");
            return new Checkpoint(model, [.. state], run, file.Metadata[RunKey]);
        }
        catch (Exception e) when (e is KeyNotFoundException or JsonException)
        {
            throw NoCheckpoint(e.Message, e);
        }

        ModelException NoCheckpoint(string lacks, Exception? reason = null) =>
            new(
                path, $"a model without the state of a run ({lacks})", "expected a checkpoint", "resume from a checkpoint of 'srcnn train'", reason);
    }

    private static bool IsOld(ReadOnlySpan<byte> bytes) =>
        bytes.Length > OldChecksumLength && XxHash128.Hash(bytes[..^OldChecksumLength]).AsSpan().SequenceEqual(bytes[^OldChecksumLength..]);
}
