using Srcnn.Kernels;

namespace Srcnn.Cli.Devices;

/// <summary>The device of a run, opened when it is first needed: bicubic needs none.</summary>
internal sealed class DeviceOnDemand(Func<IBackend> open) : IDisposable
{
    private IBackend? backend;

    public IBackend Backend => backend ??= open();

    /// <summary>One like it for work at the same time, on host with so many threads.</summary>
    public DeviceOnDemand Another(int threads) => new(Backend is HostBackend ? () => new HostBackend(threads) : open);

    public void Dispose() => backend?.Dispose();
}
