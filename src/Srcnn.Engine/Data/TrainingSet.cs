using System.IO.Hashing;
using System.Runtime.InteropServices;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;

namespace Srcnn.Engine.Data;

/// <summary>The pictures of a run, decoded and degraded once.</summary>
/// <param name="Training">What patches are cut from.</param>
/// <param name="Validation">What the network is judged on; none of it is in Training.</param>
/// <param name="Skipped">Why files could not be used, one line each.</param>
public sealed record TrainingSet(IReadOnlyList<TrainingPicture> Training, IReadOnlyList<TrainingPicture> Validation, IReadOnlyList<string> Skipped)
{
    /// <summary>More broken files than this share of a folder stop the run: it is probably the wrong folder.</summary>
    private const double MaxSkipped = 0.05;

    private const int GeneratedSide = 192, GeneratedTraining = 40, GeneratedValidation = 4, HeldOutEvery = 10;

    /// <summary>Loads the folders of <paramref name="config"/>, or generates pictures where it names none.</summary>
    /// <exception cref="DataException">A folder is missing or empty, too many files are broken, or none is as large as a patch.</exception>
    public static TrainingSet Load(TrainingConfig config)
    {
        // What can be scored: the score leaves out a border of the scale on every side.
        var scorable = 4 * config.Scale;
        List<string> skipped = [];
        if (config.Data.Count == 0)
        {
            var generated = Generate(config);
            return config.Val.Count == 0 ? generated : new TrainingSet([.. generated.Training, .. generated.Validation], LoadFolders(config.Val, config, scorable, skipped), skipped);
        }
        var patch = PatchInTarget(config);
        var training = LoadFolders(config.Data, config, config.Val.Count > 0 ? patch : Math.Max(patch, scorable), skipped);
        if (config.Val.Count > 0) return new TrainingSet(training, LoadFolders(config.Val, config, scorable, skipped), skipped);
        if (training.Count < HeldOutEvery)
        {
            throw new DataException(
                $"{string.Join(", ", config.Data)}: {training.Count} pictures; expected at least {HeldOutEvery}, to hold one out for validation; give a validation folder with --val");
        }
        return new TrainingSet([.. training.Where((_, i) => !HeldOut(i))], [.. training.Where((_, i) => HeldOut(i))], skipped);

        static bool HeldOut(int i) => i % HeldOutEvery == HeldOutEvery - 1;
    }

    /// <summary>Names of validation pictures that are training pictures too, pixel by pixel: on them the score flatters.</summary>
    public IReadOnlyList<string> Overlap()
    {
        var known = Training.Select(Hash).ToHashSet();
        return [.. Validation.Where(p => known.Contains(Hash(p))).Select(p => p.Name)];

        static UInt128 Hash(TrainingPicture picture) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(picture.Target.AsSpan()), picture.Width);
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

    private static List<TrainingPicture> LoadFolders(IReadOnlyList<string> folders, TrainingConfig config, int smallest, List<string> skipped)
    {
        var files = folders.SelectMany(f => PictureFolder.Files(f)).ToList();
        var loaded = new TrainingPicture?[files.Count];
        var reasons = new string?[files.Count];
        Parallel.For(0, files.Count, i =>
        {
            try
            {
                var image = ImageFile.Read(files[i]);
                if (Math.Min(image.Width, image.Height) / config.Scale * config.Scale < smallest)
                    reasons[i] = $"{files[i]}: {image.Width}×{image.Height} pixels; expected at least {smallest}×{smallest}, a patch";
                else
                    loaded[i] = TrainingPicture.From(Path.GetFileName(files[i]), image, config.Scale, config.Channels, InputOf(config));
            }
            catch (Exception e) when (e is ImageException or IOException or UnauthorizedAccessException)
            {
                reasons[i] = e.Message;
            }
        });
        var broken = reasons.OfType<string>().ToList();
        var pictures = loaded.OfType<TrainingPicture>().ToList();
        if (pictures.Count == 0) throw new DataException($"{broken[0]}; no picture can be used; give a folder of larger or sound pictures");
        if (broken.Count > MaxSkipped * files.Count)
            throw new DataException($"{broken.Count} of {files.Count} pictures cannot be used, the first: {broken[0]}; expected at most {MaxSkipped:P0}; remove or repair them");
        skipped.AddRange(broken);
        return pictures;
    }
}
