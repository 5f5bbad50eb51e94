using System.CommandLine;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>
/// Opens upscalers as the options of a command say. All work on the device asked for, which is opened with the first network. One picture
/// at a time: threads have shelves of their own.
/// </summary>
internal sealed class UpscalerShelf(Session session, ParseResult parse, int tile, bool ensemble = false) : IDisposable
{
    private sealed record Opened(string? Model, int? Scale, Upscaler Upscaler);

    private readonly UpscalerOptions options = new()
    {
        Device = parse.GetValue(session.Device)!,
        Threads = parse.GetValue(session.Threads),
        Algorithm = session.ChosenAlgorithm(parse),
        Tile = tile,
        SelfEnsemble = ensemble,
        Warn = session.Warn,
        Profile = session.Profile,
    };

    private readonly List<Opened> upscalers = [];
    private IBackend? backend;
    private Task? opening;

    /// <summary>The device in use, or null where none was needed so far.</summary>
    public string? Device => backend?.Name;

    /// <summary>The device, opened now if it was not.</summary>
    public IBackend Backend => backend ??= session.OpenBackend(parse);

    /// <summary>Begins to open what <see cref="For"/> will soon be asked for, and compiles it on host, while this thread does something else.</summary>
    public void Expect(string? model, int? scale) => opening = Task.Factory.StartNew(() =>
    {
        var upscaler = Open(model, scale);
        upscalers.Add(new Opened(model, scale, upscaler));
        if (upscaler.Device == "host") upscaler.WarmUp();
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default); // a thread of its own: the pool takes longer to start

    /// <summary>The upscaler of a model at a scale, opened when first needed. It belongs to the shelf.</summary>
    /// <param name="model">As for <see cref="Open"/>.</param>
    /// <param name="scale">Null for the model's own.</param>
    public Upscaler For(string? model, int? scale)
    {
        opening?.GetAwaiter().GetResult();
        var opened = upscalers.Find(o => o.Model == model && o.Scale == scale);
        if (opened is null) upscalers.Add(opened = new Opened(model, scale, Open(model, scale)));
        return opened.Upscaler;
    }

    /// <summary>Opens a model, or the default for the scale. The caller disposes it, before the shelf.</summary>
    /// <exception cref="ModelException">The model is for another scale.</exception>
    public Upscaler Open(string? model, int? scale)
    {
        if (model == Upscaler.BicubicName || scale == 1) return Upscaler.Bicubic(scale ?? ModelChain.DefaultScale, session.Profile);
        var steps = ModelChain.Of(model, scale); // a wrong name is found before a device is started
        return Upscaler.Open(steps, options with { Backend = Backend });
    }

    /// <summary>An empty one for another thread: on host with so many workers, on a device with a stream of its own. To be disposed before this one.</summary>
    public UpscalerShelf Another(int workers) =>
        new(session, parse, tile, ensemble) { backend = Backend is HostBackend ? new HostBackend(workers) { Profile = session.Profile } : Backend.OpenStream() };

    /// <summary>The smallest scale of at least <paramref name="least"/> that <see cref="Open"/> can make; 1 where nothing is to be enlarged.</summary>
    /// <exception cref="UsageException">There is none.</exception>
    public static int ScaleFor(string? model, int least)
    {
        var bicubic = model == Upscaler.BicubicName && least <= ModelChain.MostScale;
        return bicubic || least <= 1 ? Math.Max(1, least) : ModelChain.ScaleFor(model, least)
            ?? throw new UsageException($"the size asked for is up to {least} times the picture's; expected a scale of at most {ModelChain.MostScale} that {model ?? "the shipped models"} can make; ask for a smaller one");
    }

    public void Dispose()
    {
        try
        {
            opening?.Wait();
        }
        catch (AggregateException)
        {
            // Whoever needed it was told.
        }
        foreach (var opened in upscalers) opened.Upscaler.Dispose();
        backend?.Dispose();
    }
}
