using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// A trained model whose outputs take the place of the originals (distillation; Hinton et al., arXiv:1503.02531). It runs once over every whole
/// training picture: a patch alone would show it borders that the picture does not have, and pixels are drawn many times in a run.
/// </summary>
internal sealed class Teacher : IDisposable
{
    private readonly string name;
    private readonly double share;
    private readonly ModelFile file;
    private readonly Dictionary<int, (Model Model, PictureRunner Runner)> byScale = [];

    /// <param name="config">Names the model and its share.</param>
    /// <param name="backend">Runs it. Not owned.</param>
    /// <exception cref="UnknownModelException">No such model is shipped.</exception>
    /// <exception cref="ModelException">The model is unusable, or of another scale or other channels.</exception>
    public Teacher(TrainingConfig config, IBackend backend)
    {
        (name, share) = (config.Teacher!, config.TeacherShare);
        file = ModelCatalog.Resolve(name, config.Scale);
        if (config.AllScales.Any(scale => !file.Scales.Contain(scale)))
            throw new ModelException(name, $"a model for ×{file.Scales}", $"expected a teacher for ×{string.Join(", ×", config.AllScales)}", "give a model of the same scale");
        if (file.Network.Channels != config.Channels)
            throw new ModelException(name, $"a model of {file.Network.Channels} channels", $"expected a teacher of {config.Channels}", "give a model of as many, or change --channels");
        if (config.DataLr is not null && file.Network.Input == NetworkInput.LowResolution && NetworkCatalog.Parse(config.Network).Input == NetworkInput.Bicubic)
            throw new ModelException(name, "a model that reads the low resolution", $"expected one that reads its enlargement, as {config.Network}, where low resolutions are given", "give such a model, or leave data-lr out");
        foreach (var scale in config.AllScales)
        {
            var model = new Model(file, backend, scale);
            byScale.Add(scale, (model, new PictureRunner(model)));
        }
    }

    /// <summary>The set with targets of share · output + (1 − share) · original in its training pictures; validation keeps the originals.</summary>
    /// <exception cref="DataException">Some pictures are not in memory, and the teacher would run anew for every patch of theirs.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public TrainingSet Teach(TrainingSet set, CancellationToken stop)
    {
        if (set.OnDisk > 0)
            throw new DataException($"{set.OnDisk} of {set.Training.Count + set.Validation.Count} pictures do not fit into memory; expected all to, where {name} teaches; give smaller pictures or fewer");
        return set with { Training = [.. set.Training.Select(picture => Teach(picture, stop))] };
    }

    private TrainingPicture Teach(TrainingPicture picture, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        var pair = picture.Pixels();
        var (height, width) = file.Network.Input == NetworkInput.LowResolution ? (picture.Height / picture.Scale, picture.Width / picture.Scale) : (picture.Height, picture.Width);
        var target = byScale[picture.Scale].Runner.Run(picture.InputOf(file.Network.Input), height, width);
        if (share < 1)
        {
            for (var i = 0; i < target.Length; i++) target[i] = (float)((share * target[i]) + ((1 - share) * pair.Target[i]));
        }
        // The hash stays that of the original: a validation picture is recognised by it.
        var taught = pair with { Target = target };
        return picture with { Pixels = () => taught };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (model, runner) in byScale.Values)
        {
            runner.Dispose();
            model.Dispose();
        }
    }
}
