using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Tests.Training;

public sealed class OptimizerTests
{
    [Test]
    public void TheRateRisesThenFollowsHalfACosine()
    {
        var rates = Rates(new TrainingConfig { Steps = 1000, Warmup = 10, Lr = 1, LrEnd = 0.1 });
        Assert.That(rates[1], Is.EqualTo(0.1).Within(1e-5));
        Assert.That(rates[5], Is.EqualTo(0.5).Within(1e-4));
        Assert.That(rates[501], Is.EqualTo(0.55).Within(1e-9));
        Assert.That(rates[1000], Is.EqualTo(0.1).Within(1e-4));
    }

    [Test]
    public void StepsFallByTensAndAConstantStays()
    {
        var steps = Rates(new TrainingConfig { Steps = 8, Warmup = 0, Lr = 1, Schedule = Schedule.Step });
        Assert.That(steps[1..], Is.EqualTo(new[] { 1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01 }).Within(1e-12));
        Assert.That(Rates(new TrainingConfig { Steps = 3, Warmup = 0, Lr = 0.5, Schedule = Schedule.Constant })[1..], Is.All.EqualTo(0.5));
    }

    [Test]
    public void AClippedStepOfPlainDescentIsTheLimitItself()
    {
        // VDSR clips gradients to ±θ/rate, so that no step is longer than θ, whatever the rate is by then.
        using var backend = new ReferenceBackend();
        using var parameters = new ParameterStore(backend, new SrcnnConfig(F1: 1, F2: 1, F3: 1, N1: 1, N2: 1).ParametersAt(3));
        using var grads = backend.Allocate(parameters.Values.Shape);
        backend.Fill(grads, 1000);
        using var optimizer = new Optimizer(new TrainingConfig { Steps = 9, Warmup = 0, Lr = 0.25, Schedule = Schedule.Constant, Optimizer = OptimizerKind.Sgd, Momentum = 0, ClipValue = 0.01 }, parameters);
        optimizer.Step(1, grads);
        Assert.That(parameters.Value(parameters.Parameters[0]).ToArray(), Is.All.EqualTo(-0.01f).Within(1e-6));
    }

    /// <summary>The rate of each step; index 0 is unused.</summary>
    private static double[] Rates(TrainingConfig config)
    {
        using var backend = new ReferenceBackend();
        using var parameters = new ParameterStore(backend, new SrcnnConfig(F1: 1, F2: 1, F3: 1, N1: 1, N2: 1).ParametersAt(3));
        using var optimizer = new Optimizer(config, parameters);
        return [0, .. Enumerable.Range(1, config.Steps).Select(optimizer.LearningRate)];
    }
}
