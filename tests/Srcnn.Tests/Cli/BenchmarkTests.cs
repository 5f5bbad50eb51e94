using System.Text.Json;

namespace Srcnn.Tests.Cli;

public sealed class BenchmarkTests
{
    [Test]
    public void QuickBenchmarkTimesEveryPieceOfWorkOnHost()
    {
        using var json = JsonDocument.Parse(Invocation.Run("benchmark", "--quick", "--device", "host", "--json").Succeeds().Output);
        Assert.That(json.RootElement.GetProperty("peakGflops").GetDouble(), Is.GreaterThan(0));
        var results = json.RootElement.GetProperty("results").EnumerateArray().ToList();
        Assert.That(results.Select(r => r.GetProperty("work").GetString()), Is.Unique);
        Assert.That(results.Select(r => r.GetProperty("work").GetString()), Does.Contain("9×9 1→64 forward").And.Contain("5×5 64→32 weight gradient").And.Contain("srcnn-9-1-5 48×48"));
        foreach (var result in results)
        {
            Assert.That(result.GetProperty("device").GetString(), Is.EqualTo("host"));
            // Rounded for the reader: on a busy machine the smallest piece of work may show 0.0 GFLOP/s.
            Assert.That(result.GetProperty("gflops").GetDouble(), Is.GreaterThanOrEqualTo(0), result.ToString());
            Assert.That(result.GetProperty("ms").GetDouble(), Is.GreaterThan(0), result.ToString());
            Assert.That(result.GetProperty("timesHost").GetDouble(), Is.EqualTo(1));
            Assert.That(result.GetProperty("error").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
    }
}
