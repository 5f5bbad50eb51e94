using Srcnn.Engine.Models;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

/// <summary>A run that was stopped, or killed, and goes on must end as if it had never been.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class ResumeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HostBackend host = new(1);
    private TrainingConfig config = null!;

    [SetUp]
    public void RunUnbroken()
    {
        config = Runs.Config(Runs.Pictures(folder));
        Trainer.Run(config, folder.File("unbroken"), host);
    }

    public void Dispose()
    {
        host.Dispose();
        folder.Dispose();
    }

    [Test]
    public void StoppedAgainAndAgainOnOtherThreadsItEndsInTheSameBits([Values] Crops crops, [Values] OptimizerKind optimizer)
    {
        config = config with { Crops = crops, Optimizer = optimizer, Center = 0.45, Average = 0.3 };
        Trainer.Run(config, folder.File("straight"), host);
        var parts = 0;
        for (var done = false; !done; parts++)
        {
            using var stop = new CancellationTokenSource();
            // The first part stops before its first step, every second at its first log line, the others a moment later: wherever that is.
            void Ready()
            {
                if (parts == 0) stop.Cancel();
            }
            var reports = new Reports(_ =>
            {
                if (parts % 2 == 1) stop.Cancel();
                else stop.CancelAfter(1);
            });
            using var backend = new HostBackend(1 + (parts % 3));
            done = Trainer.Run(config, folder.File("broken"), backend, resume: parts > 0, progress: reports, ready: Ready, stop: stop.Token).Completed;
        }
        Assert.That(parts, Is.GreaterThan(2));
        // The end of every part is a checkpoint too, so the one before the last may be another.
        foreach (var run in new[] { "broken", "straight" }) File.Delete(Runs.Checkpoints(folder.File(run))[0]);
        Runs.AssertEqual(folder.File("broken"), folder.File("straight"));
    }

    [Test]
    public void KilledBetweenLogAndCheckpointItEndsInTheSameBits()
    {
        Runs.Copy(folder.File("unbroken"), folder.File("killed"));
        File.Delete(Runs.Checkpoints(folder.File("killed"))[^1]);
        File.AppendAllText(Path.Combine(folder.File("killed"), "log.jsonl"), "{\"step\":25,\"epo");
        Trainer.Run(config, folder.File("killed"), host, resume: true);
        Runs.AssertEqual(folder.File("killed"), folder.File("unbroken"));
    }

    [Test]
    public void KilledWhileItSavedNothingHalfWrittenStays()
    {
        var run = folder.File("killed");
        Runs.Copy(folder.File("unbroken"), run);
        File.Delete(Runs.Checkpoints(run)[^1]);
        File.WriteAllText(Path.Combine(run, ".srcnn-1.tmp"), "half");
        File.WriteAllText(Path.Combine(run, "checkpoints", ".srcnn-2.tmp"), "half");
        Trainer.Run(config, run, host, resume: true);
        Runs.AssertEqual(run, folder.File("unbroken"));
        Assert.That(Directory.GetFiles(run, ".srcnn-*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public void KilledBeforeItsFirstCheckpointItBeginsAgain()
    {
        Directory.CreateDirectory(Path.Combine(folder.File("killed"), "checkpoints"));
        File.Copy(Path.Combine(folder.File("unbroken"), "config.json"), Path.Combine(folder.File("killed"), "config.json"));
        File.WriteAllText(Path.Combine(folder.File("killed"), "log.jsonl"), "{\"step\":3,\"epoch\":1}\n");
        Trainer.Run(config, folder.File("killed"), host, resume: true);
        Runs.AssertEqual(folder.File("killed"), folder.File("unbroken"));
    }

    [Test]
    public void ADamagedCheckpointIsPassedOverWithAWarning()
    {
        var newest = Runs.Checkpoints(folder.File("unbroken"))[^1];
        Runs.Copy(folder.File("unbroken"), folder.File("damaged"));
        var bytes = File.ReadAllBytes(newest);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Runs.Checkpoints(folder.File("damaged"))[^1], bytes);
        List<string> warnings = [];
        Trainer.Run(config, folder.File("damaged"), host, resume: true, warn: warnings.Add);
        Assert.That(warnings, Has.One.Contains("step-000000024").And.One.Contains("checksum"));
        Runs.AssertEqual(folder.File("damaged"), folder.File("unbroken"));
    }

    [Test]
    public void WithoutAnIntactCheckpointThereIsNothingToResume()
    {
        foreach (var path in Runs.Checkpoints(folder.File("unbroken"))) File.WriteAllBytes(path, new byte[40]);
        Assert.That(() => Resume(config), Throws.TypeOf<ModelException>().With.Message.Contains("all 2 checkpoints"));
        Assert.That(() => Trainer.Run(config, folder.File("nothing"), host, resume: true), Throws.TypeOf<ModelException>().With.Message.Contains("no run"));
        Assert.That(folder.Names(), Does.Not.Contain("nothing"));
    }

    [Test]
    public void AnySingleFlippedBitOfACheckpointIsFound()
    {
        var path = Runs.Checkpoints(folder.File("unbroken"))[^1];
        Assert.That(Checkpoint.Load(path).Run.Step, Is.EqualTo(24));
        var bytes = File.ReadAllBytes(path);
        var spot = folder.File("flipped");
        for (var at = 0; at < bytes.Length; at += at < 64 || at > bytes.Length - 64 ? 1 : bytes.Length / 97)
        {
            bytes[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(spot, bytes);
            Assert.That(() => Checkpoint.Load(spot), Throws.TypeOf<ModelException>(), $"byte {at}");
            bytes[at] ^= (byte)(1 << (at % 8));
        }
        foreach (var length in new[] { 0, 15, 16, bytes.Length - 1 })
            Assert.That(() => Checkpoint.Load(folder.File("cut", bytes[..length])), Throws.TypeOf<ModelException>(), $"{length} bytes");
    }

    [Test]
    public void OtherOptionsAreRefusedAndLeaveTheRunAsItWas()
    {
        var before = File.ReadAllText(Path.Combine(folder.File("unbroken"), "config.json"));
        Assert.That(() => Resume(config with { Seed = 2 }), Throws.TypeOf<ConfigException>().With.Message.Contains("other options"));
        Assert.That(() => Resume(config with { Steps = 23 }), Throws.TypeOf<ConfigException>().With.Message.Contains("24 are done"));
        Assert.That(File.ReadAllText(Path.Combine(folder.File("unbroken"), "config.json")), Is.EqualTo(before));
    }

    [Test]
    public void MoreStepsGoOnAndAScheduleThatStretchesIsTold()
    {
        List<string> warnings = [];
        var reports = new Reports();
        var result = Trainer.Run(config with { Steps = 30 }, folder.File("unbroken"), host, resume: true, progress: reports, warn: warnings.Add);
        Assert.That(result.Steps, Is.EqualTo(30));
        Assert.That(warnings, Has.One.Contains("schedule now runs over 30 steps instead of 24"));
        Assert.That(reports.All[0].LearningRate, Is.GreaterThan(config.LrEnd * 5));
    }

    [Test]
    public void WithAConstantRateMoreStepsEndWhereOneLongRunEnds()
    {
        var constant = config with { Schedule = Schedule.Constant };
        Trainer.Run(constant with { Steps = 8 }, folder.File("short"), host);
        Trainer.Run(constant, folder.File("short"), host, resume: true);
        Trainer.Run(constant, folder.File("long"), host);
        Runs.AssertEqual(folder.File("short"), folder.File("long"));
    }

    [Test]
    public void ACheckpointThatCouldNotBeLoadedIsNotWritten()
    {
        var checkpoint = Checkpoint.Load(Runs.Checkpoints(folder.File("unbroken"))[^1]);
        checkpoint.State.First(t => t.Name == "moment1/conv1.weight").Values[0] = float.PositiveInfinity;
        Assert.That(() => checkpoint.Save(folder.File("infinite")), Throws.TypeOf<DivergedException>().With.Message.Contains("moment1/conv1.weight"));
        Assert.That(folder.Names(), Does.Not.Contain("infinite"));
    }

    private TrainingResult Resume(TrainingConfig with) => Trainer.Run(with, folder.File("unbroken"), host, resume: true);
}
