using System.CommandLine;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>An upscaler with the model and the device it owns.</summary>
internal sealed class LoadedUpscaler : IDisposable
{
    public const string Bicubic = "bicubic";

    private const int DefaultScale = 3;

    private readonly IBackend? backend;
    private readonly IReadOnlyList<Model> models;

    private LoadedUpscaler(string name, IUpscaler upscaler, IReadOnlyList<Model> models, IBackend? backend = null) =>
        (Name, Upscaler, this.models, this.backend) = (name, upscaler, models, backend);

    /// <summary>As the user named the model.</summary>
    public string Name { get; }

    public IUpscaler Upscaler { get; }

    /// <summary>The device, or null where none is needed.</summary>
    public string? Device => backend?.Name;

    /// <summary>
    /// Opens the model called <paramref name="name"/>, or the best shipped ones for the scale, on the device asked for. A scale that no
    /// model has is made by several, one after the other.
    /// </summary>
    /// <param name="ensemble">Whether to take the mean over eight flips and rotations.</param>
    /// <exception cref="ModelException">The model is for another scale.</exception>
    public static LoadedUpscaler Load(Session session, ParseResult parse, string? name, int? scale, int tile = 0, bool ensemble = false)
    {
        var algorithm = session.ChosenAlgorithm(parse);
        if (name == Bicubic || scale == 1) return new LoadedUpscaler(Bicubic, new BicubicUpscaler(scale ?? DefaultScale), []);
        var files = name is null ? (List<ModelFile>)[.. ModelCatalog.Chain(scale ?? DefaultScale).Select(ModelCatalog.Resolve)] : Repeat(name, ModelCatalog.Resolve(name), scale);
        List<Model> models = [];
        var backend = session.OpenBackend(parse);
        try
        {
            foreach (var file in files) models.Add(new Model(file, backend));
            var upscaler = models.Select(model => (StagedUpscaler)new Upscaler(model, tile, algorithm)).Aggregate((first, second) => new ComposedUpscaler(first, second));
            return new LoadedUpscaler(name ?? upscaler.Name, ensemble ? new EnsembleUpscaler(upscaler) : upscaler, models, backend);
        }
        catch
        {
            foreach (var model in models) model.Dispose();
            backend.Dispose();
            throw;
        }
    }

    /// <summary>The smallest scale of at least <paramref name="least"/> that <see cref="Load"/> can make; 1 where nothing is to be enlarged.</summary>
    /// <exception cref="UsageException">None up to sixteen times can.</exception>
    public static int ScaleFor(string? name, int least)
    {
        const int Most = 16;
        if (least <= 1) return 1;
        Func<int, bool> makes = name switch
        {
            Bicubic => _ => true,
            null => scale => ModelCatalog.Makes(scale),
            _ when ModelCatalog.Resolve(name).Scale is > 1 and var own => scale => Math.Pow(own, Math.Round(Math.Log(scale, own))) == scale,
            _ => _ => false,
        };
        var found = Enumerable.Range(least, Math.Max(0, Most - least + 1)).FirstOrDefault(makes);
        return found > 0 ? found
            : throw new UsageException($"the size asked for is up to {least} times the picture's; expected a scale of at most {Most} that {name ?? "the shipped models"} can make; ask for a smaller one");
    }

    /// <summary>The model as often as its scale makes the one wanted: once, as a rule.</summary>
    private static List<ModelFile> Repeat(string name, ModelFile file, int? scale)
    {
        List<ModelFile> files = [file];
        var made = file.Scale;
        for (; made < scale && file.Scale > 1; made *= file.Scale) files.Add(file);
        return made == (scale ?? made) ? files
            : throw new ModelException(name, $"a model for scale {file.Scale}", $"expected scale {scale}", $"give --scale {file.Scale} or a model for scale {scale}");
    }

    public void Dispose()
    {
        Upscaler.Dispose();
        foreach (var model in models) model.Dispose();
        backend?.Dispose();
    }
}
