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
    private readonly List<Model> models;
    private readonly List<HostSpare> spares;

    private LoadedUpscaler(string name, IUpscaler upscaler, IBackend? backend, List<Model> models, List<HostSpare> spares) =>
        (Name, Upscaler, this.backend, this.models, this.spares) = (name, upscaler, backend, models, spares);

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
        if (name == Bicubic || scale == 1) return new LoadedUpscaler(Bicubic, new BicubicUpscaler(scale ?? DefaultScale, session.Profile), null, [], []);
        var steps = Steps(name, scale);
        List<Model> models = [];
        List<HostSpare> spares = [];
        var backend = session.OpenBackend(parse);
        try
        {
            StagedUpscaler? upscaler = null;
            foreach (var (file, factor) in steps)
            {
                models.Add(new Model(file, backend, factor));
                if (backend.IsDevice) spares.Add(new HostSpare(file, factor, whenFull: parse.GetValue(session.Device) == "auto", session.Warn));
                var next = new Upscaler(models[^1], tile, algorithm, spares.LastOrDefault());
                upscaler = upscaler is null ? next : new ComposedUpscaler(upscaler, next);
            }
            return new LoadedUpscaler(name ?? upscaler!.Name, ensemble ? new EnsembleUpscaler(upscaler!) : upscaler!, backend, models, spares);
        }
        catch
        {
            foreach (var spare in spares) spare.Dispose();
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
        var own = name is null or Bicubic ? null : ModelCatalog.Resolve(name).Scales;
        Func<int, bool> makes = name switch
        {
            Bicubic => _ => true,
            null => scale => ModelCatalog.Makes(scale),
            _ => scale => Root(own!, scale) is not null,
        };
        var found = Enumerable.Range(least, Math.Max(0, Most - least + 1)).FirstOrDefault(makes);
        return found > 0 ? found
            : throw new UsageException($"the size asked for is up to {least} times the picture's; expected a scale of at most {Most} that {name ?? "the shipped models"} can make; ask for a smaller one");
    }

    /// <summary>The models to run one after the other and by what each enlarges: one, as a rule.</summary>
    private static List<(ModelFile File, int Factor)> Steps(string? name, int? scale)
    {
        if (name is null) return [.. ModelCatalog.Chain(scale ?? DefaultScale).Select(ModelCatalog.Resolve).Select(file => (file, file.Scales.First))];
        var model = ModelCatalog.Resolve(name);
        var wanted = scale ?? (model.Scales.Contain(DefaultScale) ? DefaultScale : model.Scales.First);
        var factor = Root(model.Scales, wanted)
            ?? throw new ModelException(name, $"a model for scale {model.Scales}", $"expected scale {wanted}", $"give --scale {model.Scales.First} or a model for scale {wanted}");
        List<(ModelFile, int)> steps = [(model, factor)];
        for (var made = factor; made < wanted; made *= factor) steps.Add((model, factor));
        return steps;
    }

    /// <summary>The largest of the scales that makes <paramref name="wanted"/> when applied once or several times.</summary>
    private static int? Root(Scales scales, int wanted)
    {
        for (var own = wanted; own > 1; own--)
        {
            if (!scales.Contain(own)) continue;
            var made = own;
            while (made < wanted) made *= own;
            if (made == wanted) return own;
        }
        return wanted == 1 && scales.Contain(1) ? 1 : null;
    }

    public void Dispose()
    {
        Upscaler.Dispose();
        foreach (var spare in spares) spare.Dispose();
        foreach (var model in models) model.Dispose();
        backend?.Dispose();
    }
}
