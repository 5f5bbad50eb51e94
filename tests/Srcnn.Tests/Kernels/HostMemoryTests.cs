using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>What native memory could silently get wrong.</summary>
public sealed class HostMemoryTests
{
    [Test]
    public void ADisposedTensorAndItsWindowsCannotBeUsed()
    {
        using var host = new HostBackend(1);
        var tensor = host.Allocate(Shape.Vector(8));
        var window = tensor.Slice(2, Shape.Vector(3));
        window.Dispose(); // owns nothing
        window.CopyFrom([1, 2, 3]);
        tensor.Dispose();
        tensor.Dispose();
        Assert.That(() => tensor.ToArray(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => window.ToArray(), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => host.Fill(window, 1), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void ATensorOfAnotherBackendIsNamed()
    {
        using var host = new HostBackend(1);
        using var reference = new ReferenceBackend();
        using var tensor = reference.Allocate(Shape.Vector(8));
        Assert.That(() => host.Fill(tensor, 1), Throws.ArgumentException.With.Message.Contains("1×1×1×8"));
    }

    [Test]
    public unsafe void ScratchKeepsItsSlackZero()
    {
        using var scratch = new Scratch();
        new Span<float>(scratch.Rent(100), 100).Fill(float.NaN);
        var rented = scratch.Rent(10);
        Assert.That(new Span<float>(rented + 10, 16).ToArray(), Is.All.Zero);
    }
}
