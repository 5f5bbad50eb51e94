using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>What a device cannot exceed.</summary>
/// <param name="Gigaflops">Fused multiply–adds on float32, two operations each, in GFLOP/s; null where it is not known.</param>
/// <param name="Gigabytes">Its memory, in GB/s; null where it is not known, or where caches make it no limit for work of our size: on processors.</param>
public sealed record DeviceLimit(double? Gigaflops, double? Gigabytes)
{
    /// <summary>Measures a device in a tenth of a second. That of <c>reference</c>, which computes in double, is left open.</summary>
    public static DeviceLimit Measure(IBackend backend)
    {
        if (backend is IlgpuBackend { DeviceClass: DeviceClass.Gpu } gpu)
        {
            var (flops, bytes) = DevicePeak.Measure(gpu);
            return new DeviceLimit(flops, bytes);
        }
        return new DeviceLimit(backend is ReferenceBackend ? null : FmaPeak.Measure(backend is HostBackend ? backend.Workers : Environment.ProcessorCount, secondsEach: 0.02), null);
    }

    /// <summary>
    /// The time that the limit asks for over the time it took, on <paramref name="workers"/> that share the device; null where nothing is
    /// known or counted. Above 1 for what a fast algorithm spares, and for bytes that come from a cache.
    /// </summary>
    public double? Share(ProfileRow row, int workers = 1)
    {
        var least = Math.Max(Gigaflops is { } flops ? row.Flops / flops : 0, Gigabytes is { } bytes ? row.Bytes / bytes : 0) / 1e9;
        return least > 0 ? least * workers / row.Seconds : null;
    }
}
