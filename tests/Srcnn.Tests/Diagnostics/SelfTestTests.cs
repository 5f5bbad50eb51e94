using System.Reflection;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Tests.Diagnostics;

public sealed class SelfTestTests
{
    [Test]
    public void EveryOpOfTheInterfaceIsRun()
    {
        var device = DispatchProxy.Create<IBackend, Recorder>();
        Assert.That(SelfTest.Run(device).Where(r => !r.Passed), Is.Empty);
        var ops = typeof(IBackend).GetMethods().Where(m => m.GetParameters().Any(p => p.ParameterType == typeof(Tensor))).Select(m => m.Name);
        Assert.That(ops.Except(((Recorder)(object)device).Called), Is.Empty);
    }

    [Test]
    public void AnOpThatIsWrongOrFailsIsFound()
    {
        foreach (var op in (string[])[nameof(IBackend.Copy), nameof(IBackend.Conv2dForward), nameof(IBackend.DepthToSpace)])
        {
            var device = DispatchProxy.Create<IBackend, Recorder>();
            ((Recorder)(object)device).Broken = op;
            var wrong = SelfTest.Run(device).Where(r => !r.Passed).ToList();
            Assert.That(wrong, Is.Not.Empty, op);
            Assert.That(wrong, Has.All.Matches<SelfTestResult>(r => r is { Error: double.PositiveInfinity }), op);
        }
    }

    [Test]
    public void TheFastPathKeepsTrainedWeightsWithinAHundredThousandth()
    {
        using var host = new HostBackend(2);
        var results = SelfTest.RunModel(host, "srcnn-9-5-5-x3");
        Assert.That(results.Select(r => r.Op), Is.EqualTo(new[] { "model, direct", "model, fast" }));
        Assert.That(results, Has.All.Matches<SelfTestResult>(r => r is { Limit: 1e-5, Passed: true }));
        Assert.That(results[1].Error, Is.Not.EqualTo(results[0].Error), "the fast path is another sum");
    }

    /// <summary>Host that notes which ops are called; one of them fails where that is wanted.</summary>
    public class Recorder : DispatchProxy
    {
        private readonly HostBackend host = new(1);

        public HashSet<string> Called { get; } = [];

        public string? Broken { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Called.Add(targetMethod!.Name);
            if (targetMethod.Name == Broken) throw new DeviceException("broken for the test");
            return targetMethod.Invoke(host, args);
        }
    }
}
