using Srcnn.Engine.Training;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>The whole program at once: the first ten losses of a small run, as this code computed them when they were written down.</summary>
public sealed class RecordedLossesTests
{
    private static readonly double[] Recorded =
    [
        0.004668685593060218, 0.012541309464722872, 0.003307851333374856, 0.005261215679638553, 0.006653026954154484,
        0.006342983957438264, 0.003402631395147182, 0.0037176856749283615, 0.004331751326390076, 0.006326238682959229,
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
        Assert.That(losses, Has.Length.EqualTo(Recorded.Length));
        for (var i = 0; i < losses.Length; i++) Assert.That(losses[i], Is.EqualTo(Recorded[i]).Within(tolerance * Recorded[i]), $"step {i + 1}");
    }
}
