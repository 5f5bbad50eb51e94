using System.Diagnostics;
using ILGPU;
using Lanes16 = Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Lane>>>>;

namespace Srcnn.Kernels;

/// <summary>What a GPU can do at most, measured: multiply–adds that never leave the registers, and a copy larger than any cache.</summary>
public static class DevicePeak
{
    private const int Threads = 1 << 16, Passes = 4096, CopiedFloats = 32 << 20;

    private const double Budget = 0.05;

    /// <summary>GFLOP/s and GB/s: the best of many launches, since other work only ever slows one down.</summary>
    /// <exception cref="DeviceException">The device failed.</exception>
    public static (double Gigaflops, double Gigabytes) Measure(IlgpuBackend backend)
    {
        ArgumentNullException.ThrowIfNull(backend);
        using var sink = backend.Allocate(Shape.Vector(Threads * Lanes16.Count));
        var chain = new MultiplyAddKernel(Passes, backend.View(sink));
        var flops = Best(backend, Threads * MultiplyAddKernel.FlopsOf(Passes), () => backend.For(Threads, chain));
        using Tensor from = backend.Allocate(Shape.Vector(CopiedFloats)), to = backend.Allocate(from.Shape);
        return (flops, Best(backend, 2.0 * CopiedFloats * sizeof(float), () => backend.Copy(from, to)));
    }

    private static double Best(IlgpuBackend backend, double work, Action launch)
    {
        var (best, clock) = (0.0, Stopwatch.StartNew());
        do
        {
            var before = clock.Elapsed;
            launch();
            backend.Synchronize();
            best = Math.Max(best, work / (clock.Elapsed - before).TotalSeconds / 1e9);
        }
        while (clock.Elapsed.TotalSeconds < Budget);
        return best;
    }
}

/// <summary>One thread runs sixteen chains of multiply–adds at once, enough to hide their latency.</summary>
internal readonly struct MultiplyAddKernel(int passes, ArrayView<float> sink) : IKernel
{
    public double Flops => sink.Length / Lanes16.Count * FlopsOf(passes);

    /// <summary>Operations of one thread.</summary>
    public static double FlopsOf(int passes) => 2.0 * Lanes16.Count * passes;

    // The values tend to a number of their own each, never to a denormal.
    public void Execute(Index1D i)
    {
        var offset = Lanes16.Load(sink, i * Lanes16.Count);
        var sum = offset;
        for (var pass = 0; pass < passes; pass++) sum = offset.Add(0.5f, sum);
        sum.Store(sink, i * Lanes16.Count);
    }
}
