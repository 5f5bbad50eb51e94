using System.Diagnostics;
using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Bench.Peers;

/// <summary>Peak memory of one engine in a process of its own, or why it does not run.</summary>
internal sealed record MemoryResult(string Engine, string Network, string Picture, double? Megabytes, string? Error);

/// <summary>Starts this program once per engine. What an engine does to the process (load, crash, swell) stays there.</summary>
internal static class Memory
{
    /// <summary>The engine that does nothing: the price of .NET and the picture.</summary>
    public const string Nothing = ".NET and two pictures";

    private const string Mode = "memory", Mark = "peak-bytes ";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs in the child: two passes, then prints the peak.</summary>
    public static bool TryRunChild(string[] args)
    {
        if (args is not [Mode, var engine, var network, var width, var height, var threads]) return false;
        Run(engine, network, Number(width), Number(height), Number(threads));
        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"{Mark}{self.PeakWorkingSet64}");
        return true;
    }

    /// <summary>Runs in the parent.</summary>
    public static MemoryResult Measure(string engine, SrcnnConfig network, int width, int height, int threads)
    {
        var picture = $"{width}×{height}";
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Mode, engine, network.Name, Text(width), Text(height), Text(threads)]) start.ArgumentList.Add(argument);
        // Kept blocks (bench/run.sh) would be counted.
        foreach (var setting in (string[])["MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"]) start.Environment.Remove(setting);
        using var child = Process.Start(start)!;
        var (output, error) = (child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        if (!child.WaitForExit(Limit))
        {
            child.Kill(entireProcessTree: true);
            return new(engine, network.Name, picture, null, $"it ran longer than {Limit.TotalMinutes:F0} minutes");
        }
        var line = output.Result.Split('\n').FirstOrDefault(l => l.StartsWith(Mark, StringComparison.Ordinal));
        if (child.ExitCode == 0 && line is not null)
            return new(engine, network.Name, picture, double.Parse(line[Mark.Length..], CultureInfo.InvariantCulture) / (1 << 20), null);
        var reason = error.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "no message";
        return new(engine, network.Name, picture, null, $"exit code {child.ExitCode}: {reason.Trim()}");
    }

    private static void Run(string engine, string network, int width, int height, int threads)
    {
        // A pattern instead of a generated picture: generating takes memory itself.
        var picture = new float[width * height];
        for (var i = 0; i < picture.Length; i++) picture[i] = i * 31 % 256 / 255f;
        var config = SrcnnConfig.Parse(network)! with { Border = PaddingMode.Zero };
        using var backend = new HostBackend(threads);
        if (engine == Nothing)
        {
            GC.KeepAlive(picture.ToArray());
            return;
        }
        if (engine == ContestResult.Us)
        {
            using var ours = new PictureWorkload(backend, config, picture, width, height);
            ours.Run();
            ours.Run();
            return;
        }
        using var model = new Model(config, 1, backend);
        model.Parameters.Initialize(1);
        using var prepared = Peer.All.First(p => p.Name == engine).Prepare(new InferenceTask(new ModelFile(config, model.Scale, model.Save()), picture, width, height, threads))!;
        prepared.Run();
        prepared.Run();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
