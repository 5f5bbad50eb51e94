using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Cli;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Upscaling;

/// <summary>A device that fails in the middle of a picture: the picture is the same, or the error says what failed.</summary>
[TestFixture("ilgpu-cpu")]
[TestFixture("opencl")]
public sealed class DeviceFaultTests(string name)
{
    private const int Side = 13;

    private readonly ModelFile file = Workplace.SmallModel(3);
    private readonly List<string> warnings = [];
    private IlgpuBackend device = null!;
    private float[] picture = null!, expected = null!;

    [OneTimeSetUp]
    public void Open()
    {
        device = (IlgpuBackend)Require.Backend(name);
        picture = [.. Enumerable.Range(0, Side * Side).Select(i => i * 37 % 101 / 100f)];
        using var host = new HostBackend(1);
        using var model = new Model(file, host);
        using var runner = new PictureRunner(model, algorithm: Algorithm.Direct);
        expected = runner.Run(picture, Side, Side);
    }

    [OneTimeTearDown]
    public void Close() => device?.Dispose();

    [TearDown]
    public void Mend()
    {
        (device.Launching, device.Allocating) = (null, null);
        warnings.Clear();
    }

    [TestCase(0), TestCase(2), TestCase(7)]
    public void ATileWhoseLaunchFailsIsDoneOnHost(int launch)
    {
        using var model = new Model(file, device);
        var launches = 0;
        device.Launching = _ =>
        {
            if (launches++ == launch) throw new InvalidOperationException("the device is lost");
        };
        IsAsOnHost(whenFull: false, model);
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain("the device is lost"));
        Assert.That(launches, Is.GreaterThan(launch), "the fault was met");
    }

    [Test]
    public void ATileThatFindsNoRoomIsHalved()
    {
        using var model = new Model(file, device);
        var largest = 0L;
        device.Allocating = bytes =>
        {
            lock (model) largest = Math.Max(largest, bytes);
        };
        IsAsOnHost(whenFull: false, model);
        var refused = 0;
        device.Allocating = bytes =>
        {
            if (bytes >= largest && Interlocked.Increment(ref refused) > 0) throw new InsufficientMemoryException("full");
        };
        IsAsOnHost(whenFull: false, model);
        Assert.That((refused, warnings.Count), Is.EqualTo((1, 0)), "one refusal on the stream of the wider tiles, then they are smaller");
    }

    [Test]
    public void ADeviceThatStaysFullLeavesTheTilesToHostOrFails()
    {
        using var model = new Model(file, device);
        device.Allocating = _ => throw new InsufficientMemoryException("full");
        IsAsOnHost(whenFull: true, model);
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.Throws<DeviceMemoryException>(() => IsAsOnHost(whenFull: false, model));
    }

    [TestCase(float.NaN, "no numbers")]
    [TestCase(0f, "an empty tile")]
    public void WhatCannotBeRightIsDoneAgainOnHost(float wrong, string reason)
    {
        using var model = new Model(file, device);
        // A driver that loses the last layer's weights.
        var last = model.Parameters.Parameters.Where(p => p.Name.StartsWith("conv3", StringComparison.Ordinal));
        foreach (var parameter in last) device.Fill(model.Parameters.Value(parameter), wrong);
        IsAsOnHost(whenFull: false, model);
        Assert.That(warnings, Has.Count.EqualTo(1));
        Assert.That(warnings[0], Does.Contain(reason));
    }

    private void IsAsOnHost(bool whenFull, Model model)
    {
        using var spare = new HostSpare(file, null, whenFull, warnings.Add);
        using var runner = new PictureRunner(model, tile: 8, spare: spare);
        Compare.Close(runner.Run(picture, Side, Side), expected, terms: 100, "picture");
    }
}
