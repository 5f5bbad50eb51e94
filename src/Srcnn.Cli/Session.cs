using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using Srcnn.Kernels;

namespace Srcnn.Cli;

/// <summary>One run of the program: its streams, the options every command has, and the wish to stop.</summary>
internal sealed class Session(Terminal terminal, CancellationToken stop)
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

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

    /// <summary>Opens the device asked for. Looks for GPUs only where that is wanted.</summary>
    public IBackend OpenBackend(ParseResult parse)
    {
        var name = parse.GetValue(Device)!;
        var threads = parse.GetValue(Threads);
        if (threads is < 0 or > 1024) throw new UsageException($"--threads is {threads}; expected 0 to 1024; 0 takes every core");
        var backend = Backend.Open(name == "auto" && !HasGpuDriver() ? "host" : name, threads);
        if (parse.GetValue(Verbose)) Log($"device {backend.Name} ({backend.Description})");
        return backend;
    }

    /// <summary>A line for whoever watches.</summary>
    public void Log(string line) => terminal.Error.WriteLine(Failure.OneLine(line));

    public void Warn(string line) => Log($"srcnn: warning: {line}");

    public void PrintError(Failure failure) => Log($"srcnn: error: {failure.Message}");

    /// <summary>The one JSON document of a command.</summary>
    public void PrintJson(object document) => terminal.Output.WriteLine(JsonSerializer.Serialize(document, JsonOptions));

    /// <summary>JSON has no infinity; the PSNR of equal pictures is null there.</summary>
    public static double? Finite(double value) => double.IsFinite(value) ? value : null;

    /// <summary>Without a driver's library there is no GPU, and no need to load what talks to it.</summary>
    private static bool HasGpuDriver()
    {
        string[] libraries = OperatingSystem.IsWindows() ? ["nvcuda.dll", "OpenCL.dll"]
            : OperatingSystem.IsMacOS() ? ["/System/Library/Frameworks/OpenCL.framework/OpenCL"]
            : ["libcuda.so.1", "libOpenCL.so.1"];
        return libraries.Any(library => NativeLibrary.TryLoad(library, out _));
    }
}
