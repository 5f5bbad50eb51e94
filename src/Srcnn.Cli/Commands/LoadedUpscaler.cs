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
    private readonly Model? model;
    private readonly HostSpare? spare;

    private LoadedUpscaler(string name, IUpscaler upscaler, Model? model = null, IBackend? backend = null, HostSpare? spare = null) =>
        (Name, Upscaler, this.model, this.backend, this.spare) = (name, upscaler, model, backend, spare);

    /// <summary>As the user named the model.</summary>
    public string Name { get; }

    public IUpscaler Upscaler { get; }

    /// <summary>The device, or null where none is needed.</summary>
    public string? Device => backend?.Name;

    /// <summary>Opens the model called <paramref name="name"/>, or the best shipped one for the scale, on the device asked for.</summary>
    /// <exception cref="ModelException">The model is for another scale.</exception>
    public static LoadedUpscaler Load(Session session, ParseResult parse, string? name, int? scale, int tile = 0)
    {
        var algorithm = session.ChosenAlgorithm(parse);
        if (name == Bicubic) return new LoadedUpscaler(name, new BicubicUpscaler(scale ?? DefaultScale));
        name ??= ModelCatalog.ForScale(scale ?? DefaultScale);
        var file = ModelCatalog.Resolve(name);
        if (scale is { } wanted && !file.Scales.Contain(wanted))
            throw new ModelException(name, $"a model for scale {file.Scales}", $"expected scale {wanted}", $"give --scale {file.Scales.First} or a model for scale {wanted}");
        var backend = session.OpenBackend(parse);
        try
        {
            int? factor = scale ?? (file.Scales.Contain(DefaultScale) ? DefaultScale : null);
            var model = new Model(file, backend, factor);
            var spare = backend is HostBackend ? null : new HostSpare(file, factor, whenFull: parse.GetValue(session.Device) == "auto", session.Warn);
            return new LoadedUpscaler(name, new Upscaler(model, tile, algorithm, spare), model, backend, spare);
        }
        catch
        {
            backend.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Upscaler.Dispose();
        model?.Dispose();
        spare?.Dispose();
        backend?.Dispose();
    }
}
