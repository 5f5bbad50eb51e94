using ILGPU;
using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

[TestFixture("ilgpu-cpu")]
[TestFixture("opencl")]
[TestFixture("cuda")]
public sealed class IlgpuBackendTests(string name)
{
    private IlgpuBackend backend = null!;

    [OneTimeSetUp]
    public void Open() => backend = (IlgpuBackend)Require.Backend(name);

    [OneTimeTearDown]
    public void Close() => backend?.Dispose();

    [TearDown]
    public void StopFaults() => (backend.Launching, backend.Allocating) = (null, null);

    [Test]
    public void AFailingLaunchNamesDeviceAndKernel()
    {
        using var tensor = backend.Allocate(Shape.Vector(3));
        backend.Launching = _ => throw new InvalidOperationException("the cable fell out");
        var e = Assert.Throws<DeviceException>(() => backend.Fill(tensor, 1))!;
        Assert.That(e.Message, Does.Contain(name).And.Contain("Fill").And.Contain("the cable fell out"));
    }

    [Test]
    public void AFailingAllocationNamesDeviceAndSize()
    {
        backend.Allocating = bytes => throw new InsufficientMemoryException($"no room for {bytes}");
        var e = Assert.Throws<DeviceMemoryException>(() => backend.Allocate(Shape.Vector(1 << 20)))!;
        Assert.That(e.Message, Does.Contain(name).And.Contain("4.0 MiB").And.Contain("no room for 4194304"));
    }

    [Test]
    public void OnlyAFullDeviceIsCalledFull()
    {
        backend.Allocating = _ => throw new InvalidOperationException("the cable fell out");
        var e = Assert.Throws<DeviceException>(() => backend.Allocate(Shape.Vector(3)))!;
        Assert.That(e.Message, Does.Contain("the cable fell out").And.Not.Contain("smaller tiles"));
    }

    [Test]
    public void AMistakeOfOursDoesNotLookLikeABadDriver()
    {
        using var tensor = backend.Allocate(Shape.Vector(3));
        backend.Launching = _ => throw new ShapeException("three are not four");
        Assert.Throws<ShapeException>(() => backend.Fill(tensor, 1));
        backend.Launching = _ => throw new InvalidCastException();
        Assert.Throws<InvalidCastException>(() => backend.Fill(tensor, 1));
    }

    [Test]
    public void AllDeviceMemoryOfAnOpPassesTheAllocator()
    {
        var g = new Conv2dGeometry(2, 3, 3, Padding.Same(3, PaddingMode.Zero));
        using Tensor x = backend.Allocate(new(1, 301, 8, 2)), w = backend.Allocate(g.Weight), b = backend.Allocate(g.Bias), y = backend.Allocate(g.Output(x.Shape));
        var allocations = 0;
        backend.Allocating = _ => allocations++;
        for (var i = 0; i < 3; i++) backend.Conv2dForward(g, x, w, b, Activation.None, y);
        Assert.That(allocations, Is.EqualTo(1), "one scratch picture, kept for the next time");
    }

    [Test]
    public void ATensorOfAnotherBackendIsRefused()
    {
        using var host = new HostBackend(1);
        using var tensor = host.Allocate(Shape.Vector(3));
        var e = Assert.Throws<ArgumentException>(() => backend.Fill(tensor, 1))!;
        Assert.That(e.Message, Does.Contain("1×1×1×3").And.Contain(name));
    }

    [Test]
    public void ABufferOfAnotherLengthIsRefused()
    {
        using var tensor = backend.Allocate(Shape.Vector(3));
        Assert.That(() => tensor.CopyFrom(new float[4]), Throws.ArgumentException);
        Assert.That(() => tensor.CopyTo(new float[2]), Throws.ArgumentException);
    }

    [Test]
    public void NewTensorsAreZero()
    {
        using var tensor = backend.Allocate(new(2, 3, 5, 7));
        Assert.That(tensor.ToArray(), Is.All.Zero);
    }

    [Test]
    public void ScratchGrowsAndKeepsItsUse()
    {
        var first = backend.Scratch("test", 10);
        Assert.That(backend.Scratch("test", 7).Length, Is.EqualTo(7));
        Assert.That(backend.Scratch("test", 1000).Length, Is.EqualTo(1000));
        Assert.That(first.Length, Is.EqualTo(10));
    }

    [Test]
    public void GroupsOfManyThreadsShareMemory()
    {
        using var tensor = backend.Allocate(Shape.Vector(3));
        backend.ForGroups(3, GroupSum.Threads, new CountKernel(backend.View(tensor)));
        Assert.That(tensor.ToArray(), Is.EqualTo(new float[] { 256, 256, 256 }));
    }

    [Test]
    public void AKernelThatCannotBeBuiltIsNamed()
    {
        if (name == "ilgpu-cpu") Assert.Ignore("runs .NET code as it is");
        using var own = (IlgpuBackend)Require.Backend(name); // ILGPU builds nothing more after what it cannot translate
        using var tensor = own.Allocate(Shape.Vector(1));
        var e = Assert.Throws<DeviceException>(() => own.For(1, new WaitingKernel(own.View(tensor))))!;
        Assert.That(e.Message, Does.Contain(name).And.Contain("could not build the kernel Waiting"));
        Assert.That(e.InnerException, Is.Not.Null, "what the compiler said");
    }

    /// <summary>Does what no device can.</summary>
    internal readonly struct WaitingKernel(ArrayView<float> output) : IKernel
    {
        public void Execute(Index1D i)
        {
            System.Threading.Thread.Sleep(1);
            output[i] = 1;
        }
    }

    /// <summary>Each group counts its threads.</summary>
    internal readonly struct CountKernel(ArrayView<float> counts) : IGroupKernel
    {
        public void Execute()
        {
            var sum = GroupSum.Of(1f);
            if (Group.IdxX == 0) counts[Grid.IdxX] = sum;
        }
    }
}
