using System.Globalization;
using System.Runtime.CompilerServices;

namespace Srcnn.Kernels;

/// <summary>Something a backend can run on.</summary>
/// <param name="Name">What <see cref="Backend.Open"/> takes.</param>
/// <param name="Description">The device in words.</param>
/// <param name="Kind">"cpu" or "gpu".</param>
public sealed record DeviceInfo(string Name, string Description, string Kind);

/// <summary>The name is that of a known kind of backend, but this machine has no such device or it fails to start. The message lists what was found.</summary>
public sealed class BackendUnavailableException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>No backend goes by that name.</summary>
public sealed class UnknownBackendException(string message) : ArgumentException(message);

/// <summary>Opens backends by name.</summary>
public static class Backend
{
    /// <summary>Every name <see cref="Open"/> takes; cuda and opencl also with an index, as in "cuda:1".</summary>
    public static IReadOnlyList<string> Names { get; } = ["auto", "cuda", "opencl", "host", "reference", "ilgpu-cpu"];

    /// <summary>Opens a backend; the caller disposes it. "auto" takes cuda, else an OpenCL GPU, else host.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="threads">Workers of the host backend; 0 takes every core. The others ignore it.</param>
    /// <param name="profile">Told where the time goes; null costs nothing.</param>
    /// <exception cref="UnknownBackendException">No backend goes by that name.</exception>
    /// <exception cref="BackendUnavailableException">The device is absent or fails.</exception>
    public static IBackend Open(string name, int threads = 0, Profile? profile = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        // ILGPU costs start-up time and memory: only the arms that need it may cause it to load.
        return name switch
        {
            "reference" => new ReferenceBackend { Profile = profile },
            "host" => new HostBackend(threads) { Profile = profile },
            "auto" => OpenAuto(threads, profile),
            _ => OpenDevice(name, profile),
        };
    }

    /// <summary>What is present: every CUDA and OpenCL device, each as soon as it is found, then those of <see cref="Embedded"/>.</summary>
    public static IEnumerable<DeviceInfo> Devices() => IlgpuDevices.Present().Concat(Embedded());

    /// <summary>What needs no driver: host, reference and the checking device.</summary>
    public static IEnumerable<DeviceInfo> Embedded()
    {
        using var host = new HostBackend();
        using var reference = new ReferenceBackend();
        return [new(host.Name, host.Description, "cpu"), new(reference.Name, reference.Description, "cpu"), IlgpuDevices.Checking];
    }

    /// <summary>The name with the index that it leaves out: "cuda:0" for "cuda".</summary>
    /// <exception cref="UnknownBackendException">No backend goes by that name.</exception>
    public static string FullName(string name)
    {
        if (name is "auto" or "host" or "reference") return name;
        var (kind, index) = Parse(name);
        return IlgpuDevices.Name(kind, index);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IBackend OpenAuto(int threads, Profile? profile)
    {
        foreach (var device in IlgpuDevices.Present().Where(d => d.Kind == "gpu"))
        {
            try
            {
                return OpenDevice(device.Name, profile);
            }
            catch (BackendUnavailableException)
            {
                // The next best one: auto never fails.
            }
        }
        return new HostBackend(threads) { Profile = profile };
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IlgpuBackend OpenDevice(string name, Profile? profile)
    {
        var (kind, index) = Parse(name);
        return IlgpuDevices.Open(kind, index, profile);
    }

    /// <summary>Splits "cuda:1" into its kind and index; without an index it is 0.</summary>
    private static (string Kind, int Index) Parse(string name)
    {
        var parts = name.Split(':');
        if (parts is ["ilgpu-cpu" or "cuda" or "opencl"]) return (parts[0], 0);
        if (parts is ["cuda" or "opencl", var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            return (parts[0], index);
        throw new UnknownBackendException($"backend '{name}' is unknown; expected one of {string.Join(", ", Names)}, cuda and opencl also with an index as in cuda:0");
    }
}
