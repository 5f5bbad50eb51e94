using System.Text.Json;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Cli;

namespace Srcnn.Tests.Profiling;

/// <summary>What is written reads as Chrome's trace event format says: complete events, by thread, each within or beside the others.</summary>
public sealed class ChromeTraceTests
{
    [TestCase("reference"), TestCase("host"), TestCase("ilgpu-cpu"), TestCase("opencl"), TestCase("cuda")]
    public void APictureIsTracedFromDecoderToEncoder(string name)
    {
        var profile = new Profile();
        using (var backend = Require.Backend(name, profile))
        using (var upscaler = Upscaler.Open(Workplace.SmallModel(3), new UpscalerOptions { Backend = backend }))
            upscaler.Upscale(Workplace.Noise(9, 70));
        using var stream = new MemoryStream();
        ChromeTrace.Write(profile, new Dictionary<string, string> { ["device"] = "this \"one\"" }, stream);
        Assert.That(Check(stream.ToArray(), profile), Is.SupersetOf((string[])["decode", "split", "bicubic", "network", "compose", "encode"]));
        Assert.That(profile.Rows.Count(row => row.IsDevice), name is "reference" or "host" ? Is.Zero : Is.GreaterThan(5));
    }

    /// <summary>Reads the trace, checks it event by event and against the rows, and returns the names of what the host did.</summary>
    internal static HashSet<string> Check(byte[] trace, Profile? profile = null)
    {
        using var document = JsonDocument.Parse(trace);
        var events = document.RootElement.GetProperty("traceEvents").EnumerateArray().ToList();
        var tracks = events.Where(e => Text(e, "ph") == "M").ToDictionary(e => e.GetProperty("tid").GetInt32(), e => e.GetProperty("args").GetProperty("name").GetString());
        Assert.That(events.Where(e => Text(e, "ph") == "M"), Has.All.Matches<JsonElement>(e => Text(e, "name") == "thread_name"));
        Dictionary<(string, string), decimal> own = [];
        foreach (var track in events.Where(e => Text(e, "ph") != "M").GroupBy(e => e.GetProperty("tid").GetInt32()))
        {
            Assert.That(tracks, Does.ContainKey(track.Key));
            Stack<(decimal End, (string, string) Row)> open = [];
            foreach (var e in track.OrderBy(e => Number(e, "ts")).ThenByDescending(e => Number(e, "dur")))
            {
                Assert.That((Text(e, "ph"), e.GetProperty("pid").GetInt32()), Is.EqualTo(("X", 1)));
                decimal start = Number(e, "ts"), length = Number(e, "dur"), end = start + length;
                Assert.That(Math.Min(start, length), Is.GreaterThanOrEqualTo(0));
                while (open.TryPeek(out var done) && done.End <= start) open.Pop();
                var row = Text(e, "cat") == "device" ? (e.GetProperty("args").GetProperty("for").GetString()!, Text(e, "name")) : (Text(e, "name"), "");
                if (open.TryPeek(out var outer))
                {
                    Assert.That(end, Is.LessThanOrEqualTo(outer.End), $"{row} leaves what it began in, {outer.Row}, on {tracks[track.Key]}");
                    own[outer.Row] -= length;
                }
                own[row] = own.GetValueOrDefault(row) + length;
                open.Push((end, row));
            }
        }
        foreach (var row in profile?.Rows ?? [])
            Assert.That((double)own[(row.Name, row.Kernel)] / 1e6, Is.EqualTo(row.Seconds).Within(1e-6), $"{row}");
        if (profile is not null) Assert.That(own.Keys, Is.EquivalentTo(profile.Rows.Select(row => (row.Name, row.Kernel))));
        return [.. own.Keys.Where(row => row.Item2.Length == 0).Select(row => row.Item1)];
    }

    private static string Text(JsonElement e, string key) => e.GetProperty(key).GetString()!;

    private static decimal Number(JsonElement e, string key) => e.GetProperty(key).GetDecimal();
}
