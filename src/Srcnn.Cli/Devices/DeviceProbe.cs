using System.Diagnostics;
using System.Reflection;
using Srcnn.Engine.Files;

namespace Srcnn.Cli.Devices;

/// <summary>
/// Looks for devices in a child process, since a broken driver may hang or take its process down, and keeps the answer until a driver
/// file changes.
/// </summary>
/// <param name="child">What runs <see cref="DeviceReport.Look"/> and prints its lines; null looks in this process and keeps nothing.</param>
/// <param name="stamp">Changes when the answer may.</param>
/// <param name="cache">The file that keeps it.</param>
/// <param name="limit">How long the child may take.</param>
internal sealed class DeviceProbe(Func<ProcessStartInfo>? child, string? stamp, string cache, TimeSpan limit)
{
    /// <summary>The hidden command of the child.</summary>
    public const string Command = "probe-devices";

    private const string Silence = "the driver did not answer";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>A driver that did not answer may have been kept from it by a busy machine: it is asked again after so long.</summary>
    private static readonly TimeSpan SilenceKept = TimeSpan.FromMinutes(10);

    private DeviceReport? seen;

    /// <summary>The probe of this program. Another program that runs its commands, as the tests do, has no such command line.</summary>
    public static DeviceProbe OfProgram()
    {
        var program = typeof(DeviceProbe).Assembly;
        var files = DriverFiles.Stamp();
        return new DeviceProbe(
            Assembly.GetEntryAssembly() == program ? () => Child(program) : null,
            files is null ? null : $"srcnn {CommandLine.Version}\n{files}", UserCache.File("devices.txt"), Limit);
    }

    /// <summary>Whether there is any driver, so that looking makes sense.</summary>
    public bool HasDrivers => stamp is not null;

    /// <summary>What was found, now or earlier with the same drivers.</summary>
    public DeviceReport Read() => Kept() ?? Look();

    /// <summary>What there is now; a second call tells what the first one saw.</summary>
    public DeviceReport Look() => seen ??= LookNow();

    private DeviceReport LookNow()
    {
        if (child is null) return DeviceReport.Of(DeviceReport.Look(), "");
        var lines = Run(child(), out var trouble);
        var report = DeviceReport.Of(lines, trouble);
        Keep(report.Trouble is null ? lines : [.. lines, trouble]);
        return report;
    }

    private DeviceReport? Kept()
    {
        if (child is null || stamp is null) return null;
        try
        {
            var text = File.ReadAllText(cache);
            if (!text.StartsWith(stamp + "\n\n", StringComparison.Ordinal)) return null;
            var lines = text[(stamp.Length + 2)..].Split('\n');
            if (lines[^1].StartsWith(Silence, StringComparison.Ordinal) && DateTime.UtcNow - File.GetLastWriteTimeUtc(cache) > SilenceKept) return null;
            return DeviceReport.Of(lines, lines[^1]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Keep(IReadOnlyList<string> lines)
    {
        if (stamp is null) return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(cache)!);
            AtomicFile.Write(cache, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes($"{stamp}\n\n{string.Join('\n', lines)}")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then the next run looks again.
        }
    }

    private List<string> Run(ProcessStartInfo start, out string trouble)
    {
        List<string> lines = [];
        using var ended = new ManualResetEventSlim();
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) =>
        {
            lock (lines)
            {
                if (e.Data is not null) lines.Add(e.Data);
                if (e.Data is null || DeviceReport.IsEnd(e.Data)) ended.Set();
            }
        };
        process.ErrorDataReceived += (_, _) => { }; // drivers print what they like
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        trouble = ended.Wait(limit) ? "the driver crashed" : $"{Silence} within {limit.TotalSeconds:F0} s";
        try
        {
            process.Kill(entireProcessTree: true); // what hangs, or has nothing more to say
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
        lock (lines) return [.. lines];
    }

    private static ProcessStartInfo Child(Assembly program)
    {
        var self = Environment.ProcessPath!;
        // Started as "dotnet srcnn.dll", the process is dotnet.
        var isHost = Path.GetFileNameWithoutExtension(self).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        return new ProcessStartInfo(self, isHost ? [program.Location, Command] : [Command]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
    }
}
