using Srcnn.Kernels;

namespace Srcnn.Cli.Devices;

/// <summary>Opens the device asked for by what the probe says, so that no broken driver is let into this process.</summary>
internal sealed class DeviceChoice(DeviceProbe probe, Action<string> warn, Profile? profile = null)
{
    /// <param name="name">As for <see cref="Backend.Open"/>; "auto" takes the first GPU without a flaw, else host, with a warning where a GPU is passed over.</param>
    /// <param name="threads">Workers of the host backend.</param>
    /// <exception cref="UnknownBackendException">No backend goes by that name.</exception>
    /// <exception cref="BackendUnavailableException">The device is absent, fails or computes wrongly.</exception>
    public IBackend Open(string name, int threads)
    {
        if (name == "auto") return OpenAuto(threads);
        var device = Backend.FullName(name);
        if (!device.Contains(':', StringComparison.Ordinal)) return Backend.Open(device, threads, profile);
        // An old answer may be out of date for a reason that no driver file shows.
        var report = probe.Read();
        if (report.Find(device) is not { Flaw: null }) report = probe.Look();
        var verdict = report.Find(device)
            ?? throw new BackendUnavailableException($"no {device} on this machine{(report.Trouble is null ? "" : $" ({report.Trouble})")}; found {report.Found}; choose one of them");
        if (verdict.Flaw is not null)
            throw new BackendUnavailableException($"{device} ({verdict.Description}) cannot be used: {verdict.Flaw}; expected a device that passes its self-test; update its driver or choose another --device");
        return Backend.Open(device, threads, profile);
    }

    private IBackend OpenAuto(int threads)
    {
        if (!probe.HasDrivers) return new HostBackend(threads) { Profile = profile };
        var report = probe.Read();
        var trouble = report.Trouble;
        foreach (var device in report.Devices.Where(d => d.Kind == "gpu"))
        {
            try
            {
                if (device.Flaw is null) return Backend.Open(device.Name, threads, profile);
                trouble ??= $"{device.Name}: {device.Flaw}";
            }
            catch (BackendUnavailableException e)
            {
                trouble ??= e.Message;
            }
        }
        if (trouble is not null) warn($"no GPU is used ({trouble}); computing on host; 'srcnn devices' looks again");
        return new HostBackend(threads) { Profile = profile };
    }
}
