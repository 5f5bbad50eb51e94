using BenchmarkDotNet.Attributes;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Bench;

/// <summary>Times one workload on one backend. A run returns when the device has finished: otherwise we would time the queue.</summary>
public abstract class WorkloadBench
{
    private IBackend backend = null!;
    private IWorkload workload = null!;

    /// <summary>The networks of the paper.</summary>
    protected static IReadOnlyList<SrcnnConfig> Networks { get; } = [new(9, 1, 5), new(9, 5, 5)];

    public static IEnumerable<string> Devices => Settings.Devices;

    [ParamsSource(nameof(Devices))]
    public string Device { get; set; } = "";

    /// <summary>What is timed; a property of the heirs, so that each lists its own.</summary>
    protected abstract Workload Chosen { get; }

    [GlobalSetup]
    public void Open()
    {
        backend = Backend.Open(Device, Settings.Threads);
        workload = Chosen.Open(backend);
    }

    [GlobalCleanup]
    public void Close()
    {
        workload.Dispose();
        backend.Dispose();
    }

    [Benchmark]
    public void Run() => workload.Run();
}

/// <summary>Forward, input gradient and weight gradient of every layer, on a batch of training patches.</summary>
public class LayerBench : WorkloadBench
{
    public static IEnumerable<Workload> Cases => Workload.Layers(Networks, Settings.Quick ? 2 : 128);

    [ParamsSource(nameof(Cases))]
    public Workload Work { get; set; } = null!;

    protected override Workload Chosen => Work;
}

/// <summary>Whole pictures.</summary>
public class NetworkBench : WorkloadBench
{
    public static IEnumerable<Workload> Cases =>
        from size in Settings.Quick ? new[] { (48, 40) } : [(512, 512), (1920, 1080)]
        from network in Networks
        select Workload.Picture(network, size.Item1, size.Item2);

    [ParamsSource(nameof(Cases))]
    public Workload Work { get; set; } = null!;

    protected override Workload Chosen => Work;
}

/// <summary>Training steps.</summary>
public class TrainingBench : WorkloadBench
{
    public static IEnumerable<Workload> Cases =>
        from network in Networks
        from optimizer in new[] { OptimizerKind.Sgd, OptimizerKind.Adam }
        select Workload.Training(network, optimizer, Settings.Quick ? 2 : 128);

    [ParamsSource(nameof(Cases))]
    public Workload Work { get; set; } = null!;

    protected override Workload Chosen => Work;
}
