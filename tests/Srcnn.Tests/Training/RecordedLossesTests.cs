using Srcnn.Engine.Training;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>The whole program at once: the first ten losses of a small run, as this code computed them when they were written down.</summary>
public sealed class RecordedLossesTests
{
    private static readonly double[] Recorded =
    [
        0.004668577037591604, 0.01254041021456942, 0.0033085516952269245, 0.0052582129937945865, 0.006649195536738262,
        0.006343639804981649, 0.003402986447326839, 0.003711642679263605, 0.0043289397726766765, 0.006327909301035106,
    ];

    [TestCase("host", 1e-5)]
    [TestCase("reference", 1e-4)]
    [TestCase("opencl", 1e-4)]
    [TestCase("cuda", 1e-4)]
    public void TheFirstTenLossesAreThoseRecorded(string name, double tolerance)
    {
        using var backend = Require.Backend(name);
        using var folder = new TemporaryFolder();
        var config = new TrainingConfig
        {
            Network = "srcnn-5-1-3", Data = [Runs.Pictures(folder)], Steps = 10, Batch = 8, Patch = 15, LogEvery = 1,
            Lr = 1e-3, Warmup = 0, Rates = new Dictionary<string, double>(), Schedule = Schedule.Constant,
        };
        var reports = new Reports();
        Trainer.Run(config, folder.File("run"), backend, progress: reports);
        var losses = reports.All.Select(r => r.Loss).ToArray();
        TestContext.Progress.WriteLine(string.Join(", ", losses.Select(l => l.ToString("R"))));
        Assert.That(losses, Has.Length.EqualTo(Recorded.Length));
        for (var i = 0; i < losses.Length; i++) Assert.That(losses[i], Is.EqualTo(Recorded[i]).Within(tolerance * Recorded[i]), $"step {i + 1}");
    }
}
