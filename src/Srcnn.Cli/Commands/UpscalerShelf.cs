using Srcnn.Cli.Devices;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>Upscalers by model and scale on one device, opened when first needed. Each works on one picture at a time, so every thread has a shelf of its own.</summary>
/// <param name="device">Owned.</param>
/// <param name="load">Opens a model, or for null the best shipped one, for a scale, or for null the model's own.</param>
internal sealed class UpscalerShelf(DeviceOnDemand device, Func<DeviceOnDemand, string?, int?, LoadedUpscaler> load) : IDisposable
{
    private readonly Dictionary<(string? Model, int? Scale), LoadedUpscaler> upscalers = [];

    public IBackend Backend => device.Backend;

    public LoadedUpscaler For(string? model, int? scale)
    {
        if (!upscalers.TryGetValue((model, scale), out var loaded)) upscalers.Add((model, scale), loaded = load(device, model, scale));
        return loaded;
    }

    /// <summary>An empty one for another thread, on host with so many workers.</summary>
    public UpscalerShelf Another(int workers) => new(device.Another(workers), load);

    public void Dispose()
    {
        foreach (var upscaler in upscalers.Values) upscaler.Dispose();
        device.Dispose();
    }
}
