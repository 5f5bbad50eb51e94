using System.Diagnostics;

namespace Srcnn.Bench.Peers;

/// <summary>What <c>srcnn upscale</c> of a very large picture took.</summary>
internal sealed record LargePictureResult(string Work, double? Megabytes, double? Seconds, string? Error);

/// <summary>Runs srcnn on a large picture and watches its memory.</summary>
internal static class LargePicture
{
    /// <summary>A heap this large is a failure anyway; without a limit it could take the machine down.</summary>
    private const string HeapLimit = "0x80000000"; // 2 GiB

    public static LargePictureResult Run(string srcnn, string files, bool quick)
    {
        var work = quick ? "srcnn upscale ×2 of a small picture" : "srcnn upscale ×2, 8192² to 16384²";
        var output = Path.Combine(files, "large-x2.png");
        string[] arguments = ["upscale", Path.Combine(files, "large.png"), "-o", output, "--overwrite", "--model", Path.Combine(files, "model-x2.safetensors"), "--device", "host"];
        var start = new ProcessStartInfo(srcnn, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = HeapLimit;
        var clock = Stopwatch.StartNew();
        using var child = Process.Start(start)!;
        var (drained, error) = (child.StandardOutput.ReadToEndAsync(), child.StandardError.ReadToEndAsync());
        var peak = 0L;
        while (!child.WaitForExit(20))
        {
            child.Refresh();
            if (!child.HasExited) peak = Math.Max(peak, Peak(child));
        }
        var seconds = clock.Elapsed.TotalSeconds;
        _ = drained.Result;
        File.Delete(output);
        return child.ExitCode == 0
            ? new(work, peak / (double)(1 << 20), seconds, null)
            : new(work, null, null, $"exit code {child.ExitCode}: {error.Result.Split('\n').FirstOrDefault()?.Trim()}");
    }

    private static long Peak(Process child)
    {
        try
        {
            return child.PeakWorkingSet64;
        }
        catch (InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }
}
