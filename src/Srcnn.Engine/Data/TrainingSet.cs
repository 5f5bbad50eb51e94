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
        // What can be scored: the score leaves out a border of the scale on every side.
        var scorable = 4 * config.Scale;
        if (config.Data.Count == 0)
        {
            var generated = Generate(config);
            return config.Val.Count == 0 ? generated : Loaded([.. generated.Training, .. generated.Validation], loader.Load(config.Val, scorable));
        }
        var patch = PatchInTarget(config);
        var training = loader.Load(config.Data, config.Val.Count > 0 ? patch : Math.Max(patch, scorable));
        if (config.Val.Count > 0) return Loaded(training, loader.Load(config.Val, scorable));
        var usable = training.Count(p => p is not null);
        if (usable < HeldOutEvery)
        {
            throw new DataException(
                $"{string.Join(", ", config.Data)}: {usable} pictures; expected at least {HeldOutEvery}, to hold one out for validation; give a validation folder with --val");
        }
        return Loaded(training.Where((_, i) => !IsHeldOut(i)), training.Where((_, i) => IsHeldOut(i)));

        TrainingSet Loaded(IEnumerable<TrainingPicture?> train, IEnumerable<TrainingPicture?> validate) =>
            new([.. train.OfType<TrainingPicture>()], [.. validate.OfType<TrainingPicture>()], loader.Skipped, loader.OnDisk);
    }

    /// <summary>Whether the file with that number, over all training folders, validates where there is no folder for that.</summary>
    public static bool IsHeldOut(int file) => file % HeldOutEvery == HeldOutEvery - 1;

    /// <summary>Names of validation pictures that are training pictures too, pixel by pixel: on them the score flatters.</summary>
    public IReadOnlyList<string> Overlap()
    {
        var known = Training.Select(p => p.Hash).ToHashSet();
        return [.. Validation.Where(p => known.Contains(p.Hash)).Select(p => p.Name)];
    }

    private static NetworkInput InputOf(TrainingConfig config) => NetworkCatalog.Parse(config.Network).Input;

    /// <summary>Side of the part of the target that a patch shows.</summary>
    private static int PatchInTarget(TrainingConfig config) => InputOf(config) == NetworkInput.LowResolution ? config.Patch * config.Scale : config.Patch;

    private static TrainingSet Generate(TrainingConfig config)
    {
        if (PatchInTarget(config) > GeneratedSide / config.Scale * config.Scale)
            throw new DataException($"patch is {config.Patch}; generated pictures have {GeneratedSide / config.Scale * config.Scale} pixels a side; lower --patch or give a folder with --data");
        var pictures = new TrainingPicture[GeneratedTraining + GeneratedValidation];
        Parallel.For(0, pictures.Length, i =>
        {
            pictures[i] = TrainingPicture.From($"generated {i}", SyntheticImages.Picture(GeneratedSide, GeneratedSide, config.Seed, i), config.Scale, config.Channels, InputOf(config));
        });
        return new TrainingSet(pictures[..GeneratedTraining], pictures[GeneratedTraining..], []);
    }
}
