using System.Reflection;
using Srcnn.Cli.Devices;
using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Training;

/// <summary>A device that works ahead, has too little memory or fails: the gradient is the same, and the run ends.</summary>
[TestFixture("ilgpu-cpu")]
[TestFixture("opencl")]
public sealed class DeviceTrainingTests(string name)
{
    private const int Batch = 8, Patch = 7, Side = 12;

    private readonly List<string> warnings = [];
    private IlgpuBackend device = null!;

    [OneTimeSetUp]
    public void Open() => device = (IlgpuBackend)Require.Backend(name);

    [OneTimeTearDown]
    public void Close() => device?.Dispose();

    [TearDown]
    public void Mend()
    {
        (device.Launching, device.Allocating, device.Choices) = (null, null, KernelChoices.None);
        warnings.Clear();
    }

    [NightlyOn("ilgpu-cpu")]
    public void BatchesMadeAheadAreThoseOfOneAfterTheOther()
    {
        using var ahead = new Setup(device, warnings);
        foreach (var first in (long[])[0, 8, 16, 24, 3, 3, 11, 0])
        {
            using var alone = new Setup(device, warnings);
            alone.Pass.Run(first);
            ahead.Pass.Run(first);
            Assert.That(ahead.Pass.Grads.ToArray(), Is.EqualTo(alone.Pass.Grads.ToArray()), $"batch from {first}");
            Assert.That(ahead.Pass.TakeLoss(), Is.EqualTo(alone.Pass.TakeLoss()), $"batch from {first}");
        }
    }

    [Test]
    public void ABatchIsSentOnlyWhenTheOneInItsPlaceHasBeenRead()
    {
        var backend = DispatchProxy.Create<IBackend, Slow>();
        ((Slow)backend).Inner = device;
        using var feed = new BatchFeed(backend, Sampler(), new Shape(Batch, Patch, Patch, 1), new Shape(Batch, Patch - 4, Patch - 4, 1));
        feed.Take(0);
        feed.Launched(8); // into the second place
        feed.Take(8);
        feed.Launched(16); // into the first one, which the device still reads
        var taking = Task.Run(() => feed.Take(16));
        var early = taking.Wait(TimeSpan.FromMilliseconds(500));
        ((Slow)backend).Reading.SetResult();
        Assert.That(early, Is.False);
        Assert.That(taking.Wait(TimeSpan.FromMinutes(1)));
    }

    [TestCase(1, 4), NightlyOn("ilgpu-cpu", 2, 2), NightlyOn("ilgpu-cpu", 3, 1)]
    public void AMicroBatchThatFindsNoRoomIsHalved(int refusals, int microBatch)
    {
        using Setup setup = new(device, warnings), whole = new(device, warnings);
        whole.Pass.Run(16);
        setup.Pass.Losses = [10];
        // Not the first memory that is asked for, but some in the middle of the passes.
        var (asked, refused) = (0, 0);
        device.Allocating = _ =>
        {
            if (++asked % 4 != 0 || refused == refusals) return;
            refused++;
            throw new InsufficientMemoryException("full");
        };
        setup.Pass.Run(16);
        Compare.Close(setup.Pass.Grads, whole.Pass.Grads, Batch * Patch * Patch);
        Assert.That(setup.Pass.Loss, Is.EqualTo(10 + whole.Pass.Loss).Within(1e-4).Percent, "nothing counts twice");
        Assert.That((setup.Pass.MicroBatch, refused, warnings.Count), Is.EqualTo((microBatch, refusals, refusals)));
        Assert.That(warnings[^1], Does.Contain("full").And.Contain($"{microBatch} of a batch's {Batch} samples"));
        whole.Pass.Run(24);
        setup.Pass.Run(24);
        Compare.Close(setup.Pass.Grads, whole.Pass.Grads, Batch * Patch * Patch);
    }

    [Test]
    public void ADeviceThatStaysFullSaysSoAndCountsNoLoss()
    {
        using var setup = new Setup(device, warnings);
        setup.Pass.Losses = [3];
        device.Allocating = _ => throw new InsufficientMemoryException("full");
        Assert.Throws<DeviceMemoryException>(() => setup.Pass.Run(0));
        Assert.That((warnings.Count, setup.Pass.Losses.Single()), Is.EqualTo((3, 3f)), "8, 4, 2 and 1 samples were tried");
    }

    [Test]
    public void APictureThatVanishesIsToldWithTheBatchThatNeedsIt()
    {
        var gone = false;
        using var setup = new Setup(device, warnings, () =>
        {
            if (gone) throw new DataException("it is gone");
        });
        setup.Pass.Run(0);
        gone = true;
        // The second batch may have been cut before; the third was not.
        Assert.Throws<DataException>(() =>
        {
            setup.Pass.Run(8);
            setup.Pass.Run(16);
        });
        gone = false;
        Assert.That(setup.Pass.Run(16), "it is looked for again");
    }

    [NightlyOn("ilgpu-cpu")]
    public void TheLogSaysHowManySamplesWentThroughAtOnce()
    {
        using var folder = new TemporaryFolder();
        var refused = false;
        device.Allocating = bytes =>
        {
            if (refused || !Environment.StackTrace.Contains(nameof(Workspace.Slot), StringComparison.Ordinal)) return;
            refused = true;
            throw new InsufficientMemoryException("full");
        };
        var run = folder.File("run");
        Trainer.Run(Config(folder), run, device, warn: warnings.Add);
        Assert.That(new RunFolder(run).ReadLog().Select(entry => entry.MicroBatch), Is.All.EqualTo(4), "half of seven");
        Assert.That(warnings, Has.Count.EqualTo(1));
    }

    [TestCase(0), NightlyOn("ilgpu-cpu", 60), NightlyOn("ilgpu-cpu", 200)]
    public void HostGoesOnWhereADeviceFailedThatNobodyAskedFor(int launch)
    {
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        using var training = new TrainingDevice(Failing(launch), mayLeave: true, threads: 1, warnings.Add);
        var config = Config(folder);
        var result = training.Train(run, resume: false, (backend, resume) => Trainer.Run(config, run, backend, resume));
        Assert.That((result.Completed, training.Backend.Name), Is.EqualTo((true, "host")));
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain("the device is lost").And.Contain("host goes on"));
        Assert.That(new RunFolder(run).ReadLog().Select(entry => entry.Step), Is.EqualTo(Enumerable.Range(1, config.Steps).Where(step => step % config.LogEvery == 0 || step % config.SaveEvery == 0)), "every line once");
    }

    [Test]
    public void ADeviceThatWasAskedForIsNotLeft()
    {
        using var folder = new TemporaryFolder();
        using var training = new TrainingDevice(Failing(0), mayLeave: false, threads: 1, warnings.Add);
        var config = Config(folder);
        var e = Assert.Throws<DeviceException>(() => training.Train("runs/mine", resume: false, (backend, resume) => Trainer.Run(config, folder.File("run"), backend, resume)))!;
        Assert.That(e.Message, Does.Contain("the device is lost").And.Contain("train --output runs/mine --resume --device host"));
        Assert.That(warnings, Is.Empty);
    }

    [NightlyOn("ilgpu-cpu")]
    public void AResumedRunComputesWithTheKernelsItWasBegunWith()
    {
        using var folder = new TemporaryFolder();
        var config = Config(folder);
        string whole = folder.File("whole"), halves = folder.File("halves");
        var begun = KernelChoices.Parse("3×3 1→4 forward: Plain 1\n3×3 1→4 weight gradient: Plain 1");
        device.Choices = begun;
        Trainer.Run(config, whole, device);
        device.Choices = begun;
        using var stop = new CancellationTokenSource();
        Trainer.Run(config, halves, device, progress: new Reports(report =>
        {
            if (report.Step == 3) stop.Cancel();
        }), stop: stop.Token);
        device.Choices = KernelChoices.None; // tuned anew in between
        Trainer.Run(config, halves, device, resume: true);
        Assert.That(device.Choices.ToString(), Is.EqualTo(begun.ToString()));
        Runs.AssertEqual(halves, whole);
        File.AppendAllText(Path.Combine(halves, "kernels.txt"), "nonsense\n");
        Assert.That(() => Trainer.Run(config, halves, device, resume: true), Throws.InstanceOf<ConfigException>().With.Message.Contains("kernels.txt").And.Message.Contains("'nonsense'"));
        File.WriteAllText(Path.Combine(halves, "kernels.txt"), "another device\n\nnonsense\n");
        device.Choices = KernelChoices.None;
        Assert.That(Trainer.Run(config, halves, device, resume: true).Completed);
        Assert.That(File.ReadAllText(Path.Combine(halves, "kernels.txt")), Is.EqualTo($"{device.Hardware}\n\n\n"), "on another device it is what that one takes");
    }

    /// <summary>A small network and few steps: .NET code runs in the place of kernels on one of the devices.</summary>
    private static TrainingConfig Config(TemporaryFolder folder) => Runs.Config(Runs.Pictures(folder)) with { Network = "vdsr-3-4", Steps = 6, LogEvery = 1, SaveEvery = 2, Warmup = 2 };

    /// <summary>A device of its own that is lost with a launch and never comes back.</summary>
    private IlgpuBackend Failing(int launch)
    {
        var backend = (IlgpuBackend)Require.Backend(name);
        var launches = 0;
        backend.Launching = _ =>
        {
            if (launches++ >= launch) throw new InvalidOperationException("the device is lost");
        };
        return backend;
    }

    /// <summary>A device that is done with its kernels when the test says so.</summary>
    private class Slow : DispatchProxy
    {
        public IBackend Inner { get; set; } = null!;

        public TaskCompletionSource Reading { get; } = new();

        protected override object? Invoke(MethodInfo? method, object?[]? arguments) =>
            method!.Name == nameof(IBackend.WhenDone) ? Reading.Task : method.Invoke(Inner, arguments);
    }

    private static PatchSampler Sampler(Action? look = null)
    {
        var input = Array.ConvertAll(Values.Uniform(Side * Side, 2), v => (v + 1) / 2);
        var pair = new PicturePair(input, Array.ConvertAll(input, v => 1 - v));
        var picture = new TrainingPicture("noise", Side, Side, 1, 2, NetworkInput.Bicubic, pair) with
        {
            Pixels = () =>
            {
                look?.Invoke();
                return pair;
            },
        };
        return new PatchSampler([picture], new TrainingConfig { Patch = Patch, Stride = 5, Crops = Crops.Anywhere }, Patch - 4);
    }

    private sealed class Setup : IDisposable
    {
        private readonly Model model;

        public Setup(IBackend backend, List<string> warnings, Action? look = null)
        {
            model = new Model(new SrcnnConfig(3, 1, 3, 3, 2), 2, backend);
            model.Parameters.Values.CopyFrom(Array.ConvertAll(Values.Uniform(model.Parameters.Values.Shape.Length, 1), v => v / 2));
            model.Training.Prepare(model.Parameters);
            Pass = new GradientPass(model, Sampler(look), Batch, Patch, warnings.Add);
        }

        public GradientPass Pass { get; }

        public void Dispose()
        {
            Pass.Dispose();
            model.Dispose();
        }
    }
}
