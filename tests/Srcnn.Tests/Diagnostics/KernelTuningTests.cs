using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Tests.Diagnostics;

public sealed class KernelTuningTests
{
    private IlgpuBackend device = null!;

    [OneTimeSetUp]
    public void Open() => device = (IlgpuBackend)Require.Backend("opencl");

    [OneTimeTearDown]
    public void Close() => device?.Dispose();

    [TearDown]
    public void Mend() => device.Launching = null;

    [Test]
    public void EveryConvolutionOfBothPassesIsTunedOnceAndTheDeviceIsLeftAsItWas()
    {
        var plan = device.Plan;
        var tuned = new KernelTuning(device, quick: true).Run().ToList();
        Assert.That(device.Plan, Is.SameAs(plan));
        Assert.That(tuned.Select(t => t.Convolution), Is.EquivalentTo(new[]
        {
            "9×9 1→64 forward", "1×1 64→32 forward", "5×5 32→1 forward", "1×1 32→64 forward", "5×5 1→32 forward",
            "9×9 1→64 weight gradient", "1×1 64→32 weight gradient", "5×5 32→1 weight gradient",
        }));
        Assert.That(tuned, Is.All.Matches<TunedConvolution>(t => t is { Seconds: > 0 } && t.Seconds <= t.RuleSeconds));
        Assert.That(tuned.Where(t => t.Kernel != t.Rule), Is.All.Matches<TunedConvolution>(t => t is not null && t.RuleSeconds >= 1.05 * t.Seconds), "what is no clear gain is left to the rule");
        Assert.That(KernelTuning.Choices(tuned).Count, Is.EqualTo(tuned.Count(t => t.Kernel != t.Rule)));
    }

    [Test]
    public void AKernelThatTheDeviceDoesNotTakeIsNotChosen()
    {
        device.Launching = kernel =>
        {
            if (kernel.Name.StartsWith("Conv2dTile", StringComparison.Ordinal) || kernel.Name.StartsWith("Conv2dPlain", StringComparison.Ordinal)) throw new InvalidOperationException("too much shared memory");
        };
        Assert.That(new KernelTuning(device, quick: true).Run().Select(t => t.Kernel), Has.None.Contains("Tile").And.None.EqualTo("Plain 1"));
    }

    [Test]
    public void ADeviceThatFailsAtTheRuleFails()
    {
        device.Launching = _ => throw new InvalidOperationException("lost");
        Assert.That(() => new KernelTuning(device, quick: true).Run().ToList(), Throws.InstanceOf<DeviceException>().With.Message.Contains("lost"));
    }
}
