using Srcnn.Engine.Data;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Training;

public sealed class GradientPassTests(string name) : BackendTests(name)
{
    private const int Side = 12, Patch = 7, Batch = 37; // more than the host's 32 shards, so that they differ in size

    private static readonly TrainingConfig Config = new() { Patch = Patch, Stride = 5, Crops = Crops.Anywhere };

    [TestCase(1, Batch)]
    [TestCase(3, Batch)]
    [TestCase(1, 1)]
    public void EqualsTheReference(int channels, int batch)
    {
        using var actual = new Setup(Backend, channels, batch);
        using var expected = new Setup(Reference, channels, batch);
        actual.Pass.Run(5);
        expected.Pass.Run(5);
        // What is summed for an element: the pixels of the batch, and the terms of every layer passed on the way.
        Compare.Close(actual.Pass.Grads, expected.Pass.Grads, (batch * Patch * Patch) + (9 * channels) + 6 + (9 * 4));
        Assert.That(actual.Pass.TakeLoss(), Is.EqualTo(expected.Pass.TakeLoss()).Within(1e-3).Percent);
    }

    [Test]
    public void AStepThatIsStoppedLeavesTheLossesAsTheyWere()
    {
        using var setup = new Setup(Backend, channels: 1, batch: 5);
        Assert.That(setup.Pass.Run(0), Is.True);
        var losses = setup.Pass.Losses;
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.That(setup.Pass.Run(5, stop.Token), Is.False);
        Assert.That(setup.Pass.Losses, Is.EqualTo(losses));
    }

    [Test]
    public void NothingIsLeftFromOneRunToTheNext()
    {
        using var setup = new Setup(Backend, 1, 5);
        setup.Pass.Run(0);
        var (first, loss) = (setup.Pass.Grads.ToArray(), setup.Pass.TakeLoss());
        setup.Pass.Run(5);
        setup.Pass.TakeLoss();
        setup.Pass.Run(0);
        Assert.That(setup.Pass.Grads.ToArray(), Is.EqualTo(first));
        Assert.That(setup.Pass.TakeLoss(), Is.EqualTo(loss));
        Assert.That(setup.Pass.TakeLoss(), Is.Zero);
    }

    [NightlyOn("ilgpu-cpu")]
    public void AFewStepsOfAdamOverfitAFewPatches()
    {
        using var setup = new Setup(Backend, 1, 2, Config with { Crops = Crops.Grid, Augment = false, Lr = 0.02, Warmup = 0, Rates = new Dictionary<string, double>(), Schedule = Schedule.Constant });
        using var optimizer = new Optimizer(setup.Config, setup.Model.Parameters);
        var losses = new List<double>();
        for (var step = 1; step <= 40; step++)
        {
            setup.Pass.Run(0); // the same two patches again and again
            optimizer.Step(step, setup.Pass.Grads);
            losses.Add(setup.Pass.TakeLoss());
        }
        Assert.That(losses[^1], Is.LessThan(losses[0] / 4));
    }

    [Test]
    public void ShardsOfAnotherBackendKeepTheSum()
    {
        using var setup = new Setup(Backend, 1, 3);
        setup.Pass.Losses = [0.5f, 0.25f, 0.25f, 1];
        Assert.That(setup.Pass.TakeLoss(), Is.EqualTo(2));
    }

    [Test]
    public void HostGivesTheSameBitsForAnyNumberOfThreads()
    {
        using HostBackend one = new(1), many = new(3);
        using Setup expected = new(one, 1, Batch), actual = new(many, 1, Batch);
        for (var time = 0; time < 5; time++)
        {
            expected.Pass.Run(time * Batch);
            actual.Pass.Run(time * Batch);
            Assert.That(actual.Pass.Grads.ToArray(), Is.EqualTo(expected.Pass.Grads.ToArray()));
            Assert.That(actual.Pass.Losses, Is.EqualTo(expected.Pass.Losses));
        }
    }

    private sealed class Setup : IDisposable
    {
        public Setup(IBackend backend, int channels, int batch, TrainingConfig? config = null)
        {
            Config = config ?? GradientPassTests.Config;
            Model = new Model(new SrcnnConfig(3, 1, 3, 6, 4, channels), 2, backend);
            Model.Parameters.Values.CopyFrom(Array.ConvertAll(Values.Uniform(Model.Parameters.Values.Shape.Length, 1), v => v / 2));
            TrainingPicture[] pictures = [Picture(1, channels), Picture(2, channels)];
            Pass = new GradientPass(Model, new PatchSampler(pictures, Config, Patch - 4), batch, Patch);
        }

        public TrainingConfig Config { get; }

        public Model Model { get; }

        public GradientPass Pass { get; }

        public void Dispose()
        {
            Pass.Dispose();
            Model.Dispose();
        }

        private static TrainingPicture Picture(int seed, int channels)
        {
            var input = Array.ConvertAll(Values.Uniform(Side * Side * channels, seed), v => (v + 1) / 2);
            return new TrainingPicture($"noise {seed}", Side, Side, channels, 2, NetworkInput.Bicubic, new PicturePair(input, Array.ConvertAll(input, v => 1 - v)));
        }
    }
}
