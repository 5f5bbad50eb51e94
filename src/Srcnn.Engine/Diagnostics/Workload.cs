using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>Work that can be timed on one backend.</summary>
public interface IWorkload : IDisposable
{
    /// <summary>Floating-point operations of a run by the direct count, a multiply–add as two; fast algorithms do fewer.</summary>
    double Flops { get; }

    /// <summary>How often a run does the same work before it waits for the device; <see cref="Flops"/> count them all.</summary>
    int Calls => 1;

    /// <summary>Does the work and returns when the device has finished it.</summary>
    void Run();
}

/// <summary>Work by name, to be opened on any backend.</summary>
/// <param name="Name">"9×9 1→64 forward", "srcnn-9-1-5 512×512".</param>
/// <param name="Open">Allocates what a run needs.</param>
public sealed record Workload(string Name, Func<IBackend, IWorkload> Open)
{
    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Every op of every layer of the networks on a batch of training patches; a layer that two networks share comes once.</summary>
    /// <param name="leastFlops">A run calls an op, up to 16 times, until it has done as many operations.</param>
    public static IEnumerable<Workload> Layers(IEnumerable<SrcnnConfig> networks, int batch = 128, int patch = 33, double leastFlops = 0)
    {
        var layers = networks.SelectMany(n => ConvolutionCase.LayersOf(n, batch, patch)).DistinctBy(l => l.Geometry);
        return
            from layer in layers
            from op in Enum.GetValues<ConvolutionOp>()
            select new Workload($"{layer.Name} {op.Words()}", backend => new ConvolutionWorkload(backend, layer, op, leastFlops));
    }

    /// <summary>A network on a whole picture.</summary>
    public static Workload Picture(NetworkConfig network, int width, int height, Algorithm algorithm = Algorithm.Auto) =>
        new($"{network.Name} {width}×{height}", backend => new PictureWorkload(backend, network, width, height, algorithm));

    /// <summary>A training step: patches cut, forward, loss, backward, update.</summary>
    public static Workload Training(NetworkConfig network, OptimizerKind optimizer, int batch = 128, int patch = 33) =>
        new($"{network.Name} step, {batch} of {patch}², {(optimizer == OptimizerKind.Adam ? "Adam" : "SGD")}",
            backend => new TrainingWorkload(backend, network, optimizer, batch, patch));
}
