using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;

namespace Srcnn.Engine.Data;

/// <summary>The pictures of a run, decoded and degraded once, or again and again where they do not all fit into memory.</summary>
/// <param name="Training">What patches are cut from.</param>
/// <param name="Validation">What the network is judged on; none of it is in Training.</param>
/// <param name="Skipped">Why files could not be used, one line each.</param>
/// <param name="OnDisk">How many pictures are decoded again whenever they are needed.</param>
public sealed record TrainingSet(IReadOnlyList<TrainingPicture> Training, IReadOnlyList<TrainingPicture> Validation, IReadOnlyList<string> Skipped, int OnDisk = 0)
{
    private const int GeneratedSide = 192, GeneratedTraining = 40, GeneratedValidation = 4, HeldOutEvery = 10;

    /// <summary>Loads the folders of <paramref name="config"/>, or generates pictures where it names none.</summary>
    /// <param name="config">Folders, scale, channels, patch.</param>
    /// <param name="memory">Bytes that decoded pictures may take; by default a quarter of what the process may use.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="DataException">A folder is missing or empty, too many files are useless, or none is as large as a patch.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public static TrainingSet Load(TrainingConfig config, long? memory = null, CancellationToken stop = default)
    {
        var loader = new PictureLoader(config, memory ?? (GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4), stop);
        IReadOnlyList<string> folders = config.DataHr is { } high ? [high] : config.Data;
        if (folders.Count == 0)
        {
            var generated = Generate(config);
            return config.Val.Count == 0 ? generated : Loaded([.. generated.Training, .. generated.Validation], Validation());
        }
        var training = loader.Load(folders, train: true, score: config.Val.Count == 0);
        if (config.Val.Count > 0) return Loaded(training.Select(p => p.Picture), Validation());
        var usable = training.Where(p => p.Picture is not null).Select(p => p.File).Distinct().Count();
        if (usable < HeldOutEvery)
        {
            throw new DataException(
                $"{string.Join(", ", folders)}: {usable} pictures; expected at least {HeldOutEvery}, to hold one out for validation; give a validation folder with --val");
        }
        // A picture is held out at all its scales and sizes, and judged at its own size.
        return Loaded(
            training.Where(p => !IsHeldOut(p.File)).Select(p => p.Picture),
            training.Where(p => IsHeldOut(p.File) && p.Size == 1).Select(p => p.Picture));

        IEnumerable<TrainingPicture?> Validation() => loader.Load(config.Val, train: false, score: true).Select(p => p.Picture);

        TrainingSet Loaded(IEnumerable<TrainingPicture?> train, IEnumerable<TrainingPicture?> validate) =>
            new([.. train.OfType<TrainingPicture>()], [.. validate.OfType<TrainingPicture>()], loader.Skipped, loader.OnDisk);
    }

    /// <summary>Names of validation pictures that are training pictures too, pixel by pixel: on them the score flatters.</summary>
    public IReadOnlyList<string> Overlap()
    {
        var known = Training.Select(p => p.Hash).ToHashSet();
        return [.. Validation.Where(p => known.Contains(p.Hash)).Select(p => p.Name).Distinct()];
    }

    /// <summary>Whether the file with that number, over all training folders, validates where there is no folder for that.</summary>
    public static bool IsHeldOut(int file) => file % HeldOutEvery == HeldOutEvery - 1;

    private static TrainingSet Generate(TrainingConfig config)
    {
        var reads = NetworkCatalog.Parse(config.Network).Input;
        var scales = config.AllScales;
        var side = GeneratedSide / scales.Max() * scales.Max() / (reads == NetworkInput.LowResolution ? config.Scale : 1);
        if (config.Patch > side)
            throw new DataException($"patch is {config.Patch}; generated pictures have {side} pixels a side; lower --patch or give a folder with --data");
        var pictures = new TrainingPicture[(GeneratedTraining + GeneratedValidation) * scales.Count];
        Parallel.For(0, pictures.Length, i =>
        {
            var (number, scale) = (i / scales.Count, scales[i % scales.Count]);
            pictures[i] = TrainingPicture.From($"generated {number}", SyntheticImages.Picture(GeneratedSide, GeneratedSide, config.Seed, number), scale, config.Channels, reads);
        });
        return new TrainingSet(pictures[..(GeneratedTraining * scales.Count)], pictures[(GeneratedTraining * scales.Count)..], []);
    }
}
