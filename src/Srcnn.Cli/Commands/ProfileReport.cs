using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Files;
using Srcnn.Kernels;

namespace Srcnn.Cli.Commands;

/// <summary>What <c>--profile FILE</c> gives: a table on the error stream and a trace.</summary>
internal sealed class ProfileReport(Session session, string file)
{
    private const string Extension = ".json";

    public Profile Profile { get; } = new();

    /// <summary>For <c>--profile</c>; null where it is not given.</summary>
    /// <exception cref="UsageException">The file has another extension than a trace, so it may well be a picture.</exception>
    public static ProfileReport? Of(Session session, string? file, bool overwrite)
    {
        if (file is null) return null;
        if (!file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase))
            throw new UsageException($"--profile is '{file}'; expected a file to write whose name ends in {Extension}; put one behind it, as in --profile trace{Extension}");
        ReportPlace.Check(file, overwrite, "--profile");
        return new ProfileReport(session, file);
    }

    /// <summary>Prints and writes it.</summary>
    /// <param name="device">The device that was used, as <see cref="Backend.Open"/> takes it.</param>
    public void Finish(string device, int threads)
    {
        var (seconds, rows) = (Profile.Seconds, Profile.Rows);
        using var backend = Backend.Open(device, threads);
        var limit = DeviceLimit.Measure(backend);
        var known = string.Join(" and ", new[] { Text(limit.Gigaflops, "F0", " GFLOP/s"), Text(limit.Gigabytes, "F0", " GB/s") }.Where(text => text != "-"));
        var about = $"{device} ({backend.Description}){(known.Length > 0 ? $", measured limit {known}" : "")}";
        var kernels = rows.Where(row => row.IsDevice).ToList();
        if (kernels.Count > 0)
            Print($"{about}: {Seconds(kernels)} of kernels in {Text(seconds, "F2", " s")}", ["for", "kernel"], kernels, row => [row.Name, row.Kernel], limit, 1);
        // A device computes what the host only launches.
        var host = kernels.Count == 0 ? [.. rows] : rows.Where(row => !row.IsDevice).GroupBy(row => row.Flops > 0 ? "launching" : row.Name).Select(Sum).OrderByDescending(row => row.Seconds).ToList();
        Print($"{(kernels.Count > 0 ? "host" : about)}: {Seconds(host)} of work on all threads in {Text(seconds, "F2", " s")}",
            ["work"], host, row => [row.Name], kernels.Count > 0 ? new DeviceLimit(null, null) : limit, backend.Workers);
        AtomicFile.Write(file, stream => ChromeTrace.Write(Profile, new Dictionary<string, string>
        {
            ["program"] = $"srcnn {CommandLine.Version}",
            ["device"] = about,
            ["machine"] = Machine.Current().ToString(),
        }, stream));
        session.Log($"trace in {file}{(Profile.Dropped > 0 ? $" (its first {Profile.MostSpans} spans; {Profile.Dropped} came later)" : "")}; open it in chrome://tracing or https://ui.perfetto.dev");
    }

    private static ProfileRow Sum(IGrouping<string, ProfileRow> rows) => new(rows.Key, "", rows.Sum(r => r.Calls), rows.Sum(r => r.Seconds), 0, rows.Sum(r => r.Bytes));

    private void Print(string title, string[] names, IReadOnlyList<ProfileRow> rows, Func<ProfileRow, string[]> called, DeviceLimit limit, int workers)
    {
        var all = rows.Sum(row => row.Seconds);
        session.Terminal.Table(title, [.. names, "calls", "total ms", "share", "mean µs", "GFLOP/s", "GB/s", "of limit"],
            [
                .. rows.Select(row => (IReadOnlyList<string>)
                [
                    .. called(row), row.Calls.ToString(CultureInfo.InvariantCulture), Text(row.Seconds * 1e3, "F1"), Text(row.Seconds / all, "P1"), Text(row.Seconds * 1e6 / row.Calls, "F1"),
                    Text(Rate(row.Flops, row), "F1"), Text(Rate(row.Bytes, row), "F1"), Share(limit.Share(row, workers)),
                ]),
            ],
            texts: names.Length, onError: true);
        if (rows.Any(row => limit.Share(row, workers) > 1))
            session.Log("  over 100 %: GFLOP/s count the sum as written, of which fast convolution spares a part; bytes may be a cache's");
    }

    private static string Share(double? share) => share > 1 ? "over 100 %" : Text(share, "P0");

    private static string Seconds(IReadOnlyList<ProfileRow> rows) => Text(rows.Sum(row => row.Seconds), "F2", " s");

    private static double? Rate(double work, ProfileRow row) => work > 0 && row.Seconds > 0 ? work / row.Seconds / 1e9 : null;

    private static string Text(double? value, string format, string unit = "") => value is { } v ? v.ToString(format, CultureInfo.InvariantCulture) + unit : "-";
}
