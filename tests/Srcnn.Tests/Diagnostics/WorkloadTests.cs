using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Tests.Diagnostics;

public sealed class WorkloadTests
{
    [TestCase(0, 1)]
    [TestCase(2.5, 3)]
    [TestCase(1e9, 16)]
    public void AnOpIsCalledUntilARunIsLongEnough(double times, int calls)
    {
        var layers = Workload.Layers([new SrcnnConfig(9, 1, 5)], batch: 1, patch: 15).ToList();
        using var host = new HostBackend(1);
        using var once = layers[0].Open(host);
        using var often = Workload.Layers([new SrcnnConfig(9, 1, 5)], batch: 1, patch: 15, leastFlops: times * once.Flops).First().Open(host);
        Assert.That((once.Calls, often.Calls), Is.EqualTo((1, calls)));
        Assert.That(often.Flops, Is.EqualTo(calls * once.Flops));
    }

    [Test]
    public void TheTimeOfACallIsItsShareOfTheRun() =>
        Assert.That(Timing.Of([0.2, 0.4, 0.8]).PerCall(4), Is.EqualTo(new Timing(0.1, 0.05, 0.2, 3)));

    [Test]
    public void TheBenchmarkCountsOneCall()
    {
        using var host = new HostBackend(1);
        var result = new Benchmark(Quick: true).Run([host], _ => true, peak: 100).First();
        using var once = Workload.Layers([new SrcnnConfig(9, 1, 5)], batch: 2).First().Open(host);
        Assert.That(result.Gigaflops, Is.EqualTo(once.Flops / 1e9).Within(1e-9));
    }

    [Test]
    public void OperationsOfAStepAreCountedByHand()
    {
        using var host = new HostBackend(1);
        using var step = new TrainingWorkload(host, new SrcnnConfig(), OptimizerKind.Adam, batch: 2, patch: 33);
        double conv1 = 25 * 25 * 64 * 81, conv2 = 25 * 25 * 32 * 64, conv3 = 21 * 21 * 25 * 32;
        // Forward, weight gradient and input gradient; the picture's gradient nobody wants.
        Assert.That(step.Flops, Is.EqualTo(2 * 2 * ((2 * conv1) + (3 * conv2) + (3 * conv3))));
    }
}
