using System.Globalization;
using System.Text;
using Srcnn.Engine.Files;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>The files of one run: config.json, on a device kernels.txt, log.jsonl, the same for TensorBoard, checkpoints/ (the last two), model.safetensors (the best), diverged.safetensors where it failed.</summary>
public sealed class RunFolder
{
    private const int KeptCheckpoints = 2;

    private readonly string checkpoints, eventsPath, kernelsPath;

    /// <summary>Names the files; touches nothing.</summary>
    public RunFolder(string path)
    {
        Path = path;
        checkpoints = System.IO.Path.Combine(path, "checkpoints");
        kernelsPath = System.IO.Path.Combine(path, "kernels.txt");
        ConfigPath = System.IO.Path.Combine(path, "config.json");
        LogPath = System.IO.Path.Combine(path, "log.jsonl");
        eventsPath = System.IO.Path.Combine(path, "events.out.tfevents.srcnn");
        ModelPath = System.IO.Path.Combine(path, "model.safetensors");
    }

    public string Path { get; }

    public string ConfigPath { get; }

    public string LogPath { get; }

    /// <summary>The best model so far.</summary>
    public string ModelPath { get; }

    /// <summary>Whether there is something to resume from.</summary>
    internal bool HasCheckpoint => Saved().Any();

    /// <summary>Whether a run left a log or a checkpoint here. A run that failed before its first step left only its configuration.</summary>
    public bool HasRun => File.Exists(LogPath) || HasCheckpoint;

    /// <summary>Creates the folder and writes config.json: the first writes of a run, so an unwritable place is found before any work.</summary>
    /// <exception cref="IOException">The place cannot be written.</exception>
    internal void Begin(TrainingConfig config)
    {
        Directory.CreateDirectory(checkpoints);
        AtomicFile.Write(ConfigPath, stream => stream.Write(Encoding.UTF8.GetBytes(config.ToJson() + "\n")));
    }

    /// <summary>
    /// Writes down which kernels a device computes the run with, or, where it goes on on the same device and driver, takes those it was
    /// begun with: others sum in another order.
    /// </summary>
    /// <exception cref="ConfigException">What was written down is damaged.</exception>
    internal void KeepKernels(IBackend backend, bool resume)
    {
        if (backend is not IlgpuBackend device) return;
        var header = $"{device.Hardware}\n\n";
        if (resume && File.Exists(kernelsPath) && File.ReadAllText(kernelsPath) is var text && text.StartsWith(header, StringComparison.Ordinal))
        {
            try
            {
                device.Choices = KernelChoices.Parse(text[header.Length..]);
                return;
            }
            catch (FormatException e)
            {
                throw new ConfigException($"{kernelsPath}: {e.Message}; expected the kernels this run was begun with; delete the file to go on with others");
            }
        }
        AtomicFile.Write(kernelsPath, stream => stream.Write(Encoding.UTF8.GetBytes($"{header}{device.Choices}\n")));
    }

    /// <summary>Takes back <see cref="Begin"/> where no run came of it.</summary>
    internal void Abandon()
    {
        if (HasRun) return;
        File.Delete(ConfigPath);
        File.Delete(kernelsPath);
        foreach (var folder in (string[])[checkpoints, Path])
        {
            if (!Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }
    }

    /// <summary>Saves a checkpoint and removes all but the last two.</summary>
    internal void Save(Checkpoint checkpoint)
    {
        checkpoint.Save(System.IO.Path.Combine(checkpoints, $"step-{checkpoint.Run.Step:D9}.safetensors"));
        foreach (var old in Saved().Skip(KeptCheckpoints)) File.Delete(old);
    }

    /// <summary>Keeps the state that a run failed in and the batch it failed on; returns the sentence that says so.</summary>
    internal string SaveDiverged(Checkpoint state, IReadOnlyList<NamedTensor> batch)
    {
        var path = System.IO.Path.Combine(Path, "diverged.safetensors");
        try
        {
            // Not by Save, which refuses what is not finite.
            AtomicFile.Write(path, state.ToSafetensors(batch).Write);
            return $"weights and batch are in {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"weights and batch could not be saved ({e.Message})";
        }
    }

    /// <summary>The newest intact checkpoint; null where the run was cut off before its first one.</summary>
    /// <param name="warn">Told why newer ones were passed over, a line each.</param>
    /// <exception cref="ModelException">All are damaged, or there was never a run.</exception>
    internal Checkpoint? Newest(Action<string>? warn)
    {
        List<string> damaged = [];
        foreach (var path in Saved())
        {
            try
            {
                return Checkpoint.Load(path);
            }
            catch (ModelException e)
            {
                damaged.Add(e.Message);
                warn?.Invoke(e.Message);
            }
        }
        if (damaged.Count == 0 && File.Exists(ConfigPath)) return null;
        throw new ModelException(Path, damaged.Count > 0 ? $"all {damaged.Count} checkpoints are damaged" : "no run",
            "expected an intact checkpoint to resume from", "start the run anew, without --resume, in a new folder");
    }

    /// <summary>Appends a line to the log, and its numbers to the events.</summary>
    internal void Log(TrainingProgress progress)
    {
        var entry = LogEntry.Of(progress);
        File.AppendAllText(LogPath, entry.ToLine() + "\n");
        EventFile.Append(eventsPath, entry.Step, entry.Scalars());
    }

    /// <summary>The log so far; nothing where there is none.</summary>
    public IReadOnlyList<LogEntry> ReadLog() => File.Exists(LogPath) ? [.. File.ReadLines(LogPath).Select(LogEntry.Parse).OfType<LogEntry>()] : [];

    /// <summary>Cuts log and events back to <paramref name="step"/>, so that a resumed run logs every step once.</summary>
    internal void TruncateLog(int step)
    {
        EventFile.Truncate(eventsPath, step);
        if (!File.Exists(LogPath)) return;
        var kept = File.ReadLines(LogPath).TakeWhile(line => LogEntry.Parse(line)?.Step <= step).ToList();
        AtomicFile.Write(LogPath, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
            foreach (var line in kept) writer.WriteLine(line);
        });
    }

    /// <summary>The checkpoints, newest first.</summary>
    private IEnumerable<string> Saved()
    {
        if (!Directory.Exists(checkpoints)) return [];
        return Directory.GetFiles(checkpoints, "step-*.safetensors").Where(path => Step(path) is not null).OrderByDescending(Step);

        static int? Step(string path) =>
            int.TryParse(System.IO.Path.GetFileNameWithoutExtension(path)["step-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : null;
    }
}
