using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Cli.Devices;

/// <summary>A CUDA or OpenCL device.</summary>
/// <param name="Name">"cuda:0".</param>
/// <param name="Kind">"gpu" or "cpu".</param>
/// <param name="Description">The device in words.</param>
/// <param name="Flaw">Why it must not be used, or null.</param>
internal sealed record DeviceVerdict(string Name, string Kind, string Description, string? Flaw);

/// <summary>What was found when somebody looked for devices. As text it is a line per event, so that what was written before a crash counts.</summary>
/// <param name="Devices">Best kind first.</param>
/// <param name="Trouble">How the search ended early, or null.</param>
internal sealed record DeviceReport(IReadOnlyList<DeviceVerdict> Devices, string? Trouble)
{
    private const string FoundEvent = "found", TestedEvent = "tested", EndEvent = "end";

    /// <summary>The devices in words, for messages.</summary>
    public string Found => string.Join(", ", [.. Devices.Select(d => $"{d.Name} ({d.Description})"), "host"]);

    /// <summary>The device called <paramref name="name"/>, or null.</summary>
    public DeviceVerdict? Find(string name) => Devices.FirstOrDefault(d => d.Name == name);

    /// <summary>Looks for devices in this process and tries the GPUs, which a broken driver may not survive; a line as soon as something is known.</summary>
    public static IEnumerable<string> Look()
    {
        foreach (var device in Backend.Devices().Where(d => d.Name.Contains(':', StringComparison.Ordinal)))
        {
            yield return $"{FoundEvent}\t{device.Name}\t{device.Kind}\t{Failure.OneLine(device.Description)}";
            if (device.Kind == "gpu") yield return $"{TestedEvent}\t{device.Name}\t{Failure.OneLine(SelfTest.Flaw(device.Name) ?? "")}";
        }
        yield return EndEvent;
    }

    public static bool IsEnd(string line) => line == EndEvent;

    /// <param name="lines">What <see cref="Look"/> gave, or the beginning of it.</param>
    /// <param name="trouble">How the search ended where the end is missing.</param>
    public static DeviceReport Of(IEnumerable<string> lines, string trouble)
    {
        List<DeviceVerdict> devices = [];
        var ended = false;
        foreach (var line in lines)
        {
            ended |= IsEnd(line);
            if (line.Split('\t') is [FoundEvent, var name, var kind, var description])
                devices.Add(new DeviceVerdict(name, kind, description, kind == "gpu" ? trouble : null)); // until it is tested
            else if (line.Split('\t') is [TestedEvent, var tested, var flaw] && devices.FindIndex(d => d.Name == tested) is >= 0 and var index)
                devices[index] = devices[index] with { Flaw = flaw.Length > 0 ? flaw : null };
        }
        return new DeviceReport(devices, ended ? null : trouble);
    }
}
