using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Bench.Peers;

/// <summary>One device beside the host: every op of the layers, and training steps beside libtorch as well.</summary>
internal sealed class DeviceSession(Options options, string name)
{
    private const double TurnSeconds = 0.3;

    /// <summary>Measures everything and returns the path of the page.</summary>
    public string Run()
    {
        Options.Required(options.Output, "--output");
        using var host = new HostBackend(options.Threads);
        using var device = Backend.Open(name);
        var contest = new Contest(options.Quick ? 1 : options.Rounds, options.Quick ? 0 : TurnSeconds, line => Console.Error.WriteLine(line));
        var results = new Results(Machine.Current(), options) { PeakBefore = FmaPeak.Measure(options.Threads, 0.1), Device = device, LaunchAndWait = LaunchAndWait(device) };
        foreach (var work in Workload.Layers([new SrcnnConfig(9, 1, 5), new SrcnnConfig(9, 5, 5)], options.Quick ? 2 : 128, leastFlops: Benchmark.LayerFlops))
        {
            using IWorkload ours = work.Open(host), theirs = work.Open(device);
            results.Layers.Add(contest.Run(work.Name, "", [Entrant(ContestResult.Us, ours), Entrant(device.Name, theirs)]));
        }
        foreach (var network in (SrcnnConfig[])[new(9, 1, 5, Border: PaddingMode.Zero), new(9, 5, 5, Border: PaddingMode.Zero)])
            results.Training.Add(Training(network, contest, host, device));
        results.PeakAfter = FmaPeak.Measure(options.Threads, 0.1);
        return new ResultsPage(results).Write();
    }

    private ContestResult Training(SrcnnConfig network, Contest contest, HostBackend host, IBackend device)
    {
        const int patch = 33;
        var batch = options.Quick ? 4 : 128;
        using TrainingWorkload ours = new(host, network, OptimizerKind.Sgd, batch, patch), theirs = new(device, network, OptimizerKind.Sgd, batch, patch);
        var (input, target) = ours.Batch(0);
        var task = new TrainingTask(ours.Model, input, target, batch, patch, (int)Math.Sqrt(target.Length / batch), OptimizerKind.Sgd, options.Threads);
        List<(Peer Peer, IPrepared Prepared)> peers = [];
        try
        {
            foreach (var peer in Peer.All)
            {
                if (peer.Prepare(task) is { } prepared) peers.Add((peer, prepared));
            }
            return contest.Run(string.Create(CultureInfo.InvariantCulture, $"{network.Name}, {batch} × {patch}², SGD"), network.Name,
            [
                Entrant(ContestResult.Us, ours) with { Output = () => [.. ours.Gradients.SelectMany(g => g.Values)] },
                Entrant(device.Name, theirs) with { Output = () => [.. theirs.Gradients.SelectMany(g => g.Values)] },
                .. peers.Select(p => new Entrant(p.Peer.Name, p.Peer.Family, ours.Flops, p.Prepared.Run, p.Prepared.Output)),
            ]);
        }
        finally
        {
            foreach (var (_, prepared) in peers) prepared.Dispose();
        }
    }

    private static Timing LaunchAndWait(IBackend device)
    {
        using var number = device.Allocate(Shape.Vector(1));
        return Timing.Measure(() =>
        {
            device.Fill(number, 0);
            device.Synchronize();
        }, TimeSpan.FromSeconds(TurnSeconds));
    }

    private static Entrant Entrant(string engine, IWorkload workload) =>
        new(engine, engine, workload.Flops / workload.Calls, workload.Run, Output: null) { Calls = workload.Calls };
}
