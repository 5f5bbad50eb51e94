using Srcnn.Engine.Upscaling;

namespace Srcnn.Cli.Commands;

/// <summary>Upscalers by scale, opened when first needed.</summary>
internal sealed class UpscalerShelf(Func<int?, LoadedUpscaler> open) : IDisposable
{
    private readonly Dictionary<int, LoadedUpscaler> upscalers = [];

    /// <summary>The device in use, or null where none was needed so far.</summary>
    public string? Device => upscalers.Values.Select(loaded => loaded.Device).FirstOrDefault(device => device is not null);

    /// <param name="scale">Null for the model's own.</param>
    public IUpscaler For(int? scale)
    {
        if (!upscalers.TryGetValue(scale ?? 0, out var loaded)) upscalers.Add(scale ?? 0, loaded = open(scale));
        return loaded.Upscaler;
    }

    public void Dispose()
    {
        foreach (var upscaler in upscalers.Values) upscaler.Dispose();
    }
}
