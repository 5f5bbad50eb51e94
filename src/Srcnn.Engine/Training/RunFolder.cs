using System.Globalization;
using System.Text.Json;
using Srcnn.Engine.Files;
using Srcnn.Engine.Models;

namespace Srcnn.Engine.Training;

/// <summary>The files of one run: config.json, log.jsonl, checkpoints/ (the last two), model.safetensors (the best).</summary>
public sealed class RunFolder
{
    private const int KeptCheckpoints = 2;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string checkpoints;

    /// <summary>Creates the folder where it is missing.</summary>
    /// <exception cref="IOException">The place cannot be written, or holds another run.</exception>
    public RunFolder(string path, bool resume)
    {
        Path = path;
        checkpoints = System.IO.Path.Combine(path, "checkpoints");
        ConfigPath = System.IO.Path.Combine(path, "config.json");
        LogPath = System.IO.Path.Combine(path, "log.jsonl");
        ModelPath = System.IO.Path.Combine(path, "model.safetensors");
        if (!resume && File.Exists(ConfigPath))
            throw new IOException($"{path}: holds a run already; expected a new folder; continue it with --resume or give another --out");
        Directory.CreateDirectory(checkpoints);
    }

    public string Path { get; }

    public string ConfigPath { get; }

    public string LogPath { get; }

    /// <summary>The best model so far.</summary>
    public string ModelPath { get; }

    /// <summary>Writes config.json; the first write of a run, so an unwritable folder is found before any work.</summary>
    public void WriteConfig(TrainingConfig config) => AtomicFile.Write(ConfigPath, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(config.ToJson() + "\n")));

    /// <summary>Saves a checkpoint and removes all but the last two.</summary>
    public void Save(Checkpoint checkpoint)
    {
        checkpoint.Save(System.IO.Path.Combine(checkpoints, $"step-{checkpoint.Step:D9}.safetensors"));
        foreach (var old in Saved().Skip(KeptCheckpoints)) File.Delete(old);
    }

    /// <summary>The newest intact checkpoint, and why newer ones were passed over.</summary>
    /// <exception cref="ModelException">There is none.</exception>
    public (Checkpoint Checkpoint, IReadOnlyList<string> Damaged) Newest()
    {
        List<string> damaged = [];
        foreach (var path in Saved())
        {
            try
            {
                return (Checkpoint.Load(path), damaged);
            }
            catch (ModelException e)
            {
                damaged.Add(e.Message);
            }
        }
        throw new ModelException(Path, damaged.Count > 0 ? damaged[0] : "no checkpoint", "expected an intact checkpoint to resume from", "start the run anew without --resume");
    }

    /// <summary>Whether a run was begun here that saved a checkpoint.</summary>
    public bool HasCheckpoint => Saved().Any();

    /// <summary>Appends a line to the log.</summary>
    public void Log(TrainingProgress progress)
    {
        var line = JsonSerializer.Serialize(
            new
            {
                progress.Step, progress.Epoch, progress.Loss, progress.Psnr, Lr = progress.LearningRate,
                SamplesPerSecond = Math.Round(progress.SamplesPerSecond, 1), Elapsed = Math.Round(progress.Elapsed, 3),
            },
            Json);
        File.AppendAllText(LogPath, line + "\n");
    }

    /// <summary>Cuts the log back to <paramref name="step"/>, so that a resumed run logs every step once.</summary>
    public void TruncateLog(int step)
    {
        if (!File.Exists(LogPath)) return;
        var kept = File.ReadLines(LogPath).TakeWhile(line => StepOf(line) <= step).ToList();
        AtomicFile.Write(LogPath, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (var line in kept) writer.WriteLine(line);
        });
    }

    /// <summary>The step of a log line; beyond all steps for a line that a crash cut short.</summary>
    private static int StepOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("step").GetInt32();
        }
        catch (JsonException)
        {
            return int.MaxValue;
        }
    }

    private IEnumerable<string> Saved() =>
        Directory.Exists(checkpoints)
            ? Directory.GetFiles(checkpoints, "step-*.safetensors").Where(p => int.TryParse(System.IO.Path.GetFileNameWithoutExtension(p)["step-".Length..], CultureInfo.InvariantCulture, out _)).OrderDescending(StringComparer.Ordinal)
            : [];
}
