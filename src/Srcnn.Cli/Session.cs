using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using Srcnn.Cli.Devices;
using Srcnn.Kernels;

namespace Srcnn.Cli;

/// <summary>One run of the program: its streams, the options every command has, and the wish to stop.</summary>
internal sealed class Session(Terminal terminal, CancellationToken stop)
{
    private DeviceProbe? probe;

    public Terminal Terminal => terminal;

    public CancellationToken Stop => stop;

    public Option<string> Device { get; } = new("--device")
    {
        Description = "Where to compute: auto, host, reference, ilgpu-cpu, cuda[:i] or opencl[:i].",
        DefaultValueFactory = _ => "auto",
        Recursive = true,
    };

    public Option<int> Threads { get; } = new("--threads") { Description = "Threads of the host; 0 takes every core.", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose") { Description = "Say more, and show the stack of an error.", Recursive = true };

    /// <summary>For the commands that run a network.</summary>
    public Option<string> Algorithm { get; } = new("--algorithm") { Description = "Convolution of pictures on host: direct, fast (Winograd), or auto, the faster one.", DefaultValueFactory = _ => "auto" };

    /// <summary>What <see cref="Algorithm"/> was set to.</summary>
    public Algorithm ChosenAlgorithm(ParseResult parse) => parse.GetValue(Algorithm) switch
    {
        "auto" => Kernels.Algorithm.Auto,
        "direct" => Kernels.Algorithm.Direct,
        "fast" => Kernels.Algorithm.Fast,
        var other => throw new UsageException($"--algorithm is '{other}'; expected auto, direct or fast; correct it"),
    };

    /// <summary>For the commands whose time may be looked into.</summary>
    public Option<string?> ProfileFile { get; } = new("--profile") { Description = "Print where the time goes, by layer and kernel, and write a trace for chrome://tracing or Perfetto to this .json file." };

    /// <summary>Where time is noted, or null.</summary>
    public Profile? Profile { get; set; }

    /// <summary>Where devices are looked for.</summary>
    public DeviceProbe Probe => probe ??= DeviceProbe.OfProgram();

    /// <summary>Opens the device asked for. Looks for GPUs only where that is wanted.</summary>
    /// <param name="untested">A device that is named is opened whatever the probe thinks of it: to find out what is wrong.</param>
    public IBackend OpenBackend(ParseResult parse, bool untested = false)
    {
        var name = parse.GetValue(Device)!;
        var threads = parse.GetValue(Threads);
        if (threads is < 0 or > 1024) throw new UsageException($"--threads is {threads}; expected 0 to 1024; 0 takes every core");
        var backend = (untested && name != "auto") || name is "host" or "reference" ? Backend.Open(name, threads, Profile) : new DeviceChoice(Probe, Warn, Profile).Open(name, threads);
        if (parse.GetValue(Verbose)) Log($"device {backend.Name} ({backend.Description})");
        return backend;
    }

    /// <summary>A line for whoever watches.</summary>
    public void Log(string line) => terminal.Error.WriteLine(Failure.OneLine(line));

    public void Warn(string line) => Log($"srcnn: warning: {line}");

    public void PrintError(Failure failure) => Log($"srcnn: error: {failure.Message}");

    /// <summary>The one JSON document of a command.</summary>
    public void PrintJson(object document) => terminal.Output.WriteLine(JsonSerializer.Serialize(document, Json.Options));

    /// <summary>JSON has no infinity; the PSNR of equal pictures is null there.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Apart, so that only a command that prints JSON starts the serializer.</summary>
    private static class Json
    {
        public static readonly JsonSerializerOptions Options = new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            WriteIndented = true,
        };
    }
}
