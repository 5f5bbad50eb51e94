using Srcnn.Engine.Diagnostics;

namespace Srcnn.Bench.Peers;

/// <summary>Everything measured in one run.</summary>
internal sealed class Results(Machine machine, Options options)
{
    public Machine Machine => machine;

    public Options Options => options;

    /// <summary>The multiply–add peak before and after the contests, GFLOP/s; the larger counts.</summary>
    public double PeakBefore { get; init; }

    public double PeakAfter { get; set; }

    public double Peak => Math.Max(PeakBefore, PeakAfter);

    public List<MemoryResult> Memory { get; } = [];

    public List<ContestResult> Inference { get; } = [];

    public List<ContestResult> Training { get; } = [];

    /// <summary>What is measured beside the host, if that is what it is about.</summary>
    public Srcnn.Kernels.IBackend? Device { get; init; }

    /// <summary>The device's smallest kernel launched and waited for.</summary>
    public Timing? LaunchAndWait { get; init; }

    /// <summary>Ops of single layers on host and device.</summary>
    public List<ContestResult> Layers { get; } = [];

    public LargePictureResult? Large { get; set; }
}
