using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Bench.Peers;

/// <summary>The whole comparison.</summary>
internal sealed class Session(Options options)
{
    // The peers pad with zeros only.
    private static readonly SrcnnConfig[] Networks = [new(9, 1, 5, Border: PaddingMode.Zero), new(9, 5, 5, Border: PaddingMode.Zero)];

    private readonly Contest contest = new(options.Quick ? 1 : options.Rounds, options.Quick ? 0 : 0.8, Log);

    /// <summary>Measures everything and returns the path of the page.</summary>
    public string Run()
    {
        var results = new Results(Machine.Current(), options) { PeakBefore = Peak() };
        var (width, height) = options.Quick ? (96, 64) : (1920, 1080);
        results.Memory.Add(Memory.Measure(Memory.Nothing, Networks[0], width, height, options.Threads));
        foreach (var network in Networks)
        foreach (var engine in Peer.All.Select(p => p.Name).Prepend(ContestResult.Us))
        {
            results.Memory.Add(Memory.Measure(engine, network, width, height, options.Threads));
            Log($"{network.Name} {width}×{height}: {engine} {results.Memory[^1].Error ?? (results.Memory[^1].Megabytes?.ToString("F0", CultureInfo.InvariantCulture) + " MiB")}");
        }
        // An engine that does not even run alone is named on the page and takes no part.
        var able = Peer.All.Where(p => results.Memory.All(m => m.Engine != p.Name || m.Error is null)).ToList();
        foreach (var (w, h) in options.Quick ? new[] { (64, 48), (width, height) } : [(512, 512), (width, height)])
        foreach (var network in Networks)
            results.Inference.Add(Inference(network, w, h, able));
        foreach (var network in Networks)
        foreach (var optimizer in (OptimizerKind[])[OptimizerKind.Sgd, OptimizerKind.Adam])
            results.Training.Add(Training(network, optimizer, able));
        if (options is { Srcnn: { } srcnn, Files: { } files }) results.Large = LargePicture.Run(srcnn, files, options.Quick);
        results.PeakAfter = Peak();
        return new ResultsPage(results).Write();
    }

    private ContestResult Inference(SrcnnConfig network, int width, int height, IReadOnlyList<Peer> peers)
    {
        using var backend = new HostBackend(options.Threads);
        var picture = PictureWorkload.Generate(1, width, height);
        using var ours = new PictureWorkload(backend, network, picture, width, height);
        using var direct = new PictureWorkload(backend, network, picture, width, height, Algorithm.Direct);
        var task = new InferenceTask(ConvolutionWeights.From(ours.Weights), picture, width, height, options.Threads);
        return Run($"{network.Name}, {width}×{height}", network.Name, ours.Flops,
            [new Entrant(ContestResult.Us, ContestResult.Us, ours.Run, () => ours.Output), new Entrant(ContestResult.UsDirect, ContestResult.UsDirect, direct.Run, () => direct.Output)], peers, p => p.Prepare(task));
    }

    private ContestResult Training(SrcnnConfig network, OptimizerKind optimizer, IReadOnlyList<Peer> peers)
    {
        const int patch = 33;
        var batch = options.Quick ? 4 : 128;
        using var backend = new HostBackend(options.Threads);
        using var ours = new TrainingWorkload(backend, network, optimizer, batch, patch);
        var (input, target) = ours.Batch(0);
        var task = new TrainingTask(ConvolutionWeights.From(ours.Weights), input, target, batch, patch, (int)Math.Sqrt(target.Length / batch), optimizer, options.Threads);
        var name = $"{network.Name}, {(optimizer == OptimizerKind.Adam ? "Adam" : "SGD")}";
        return Run(name, network.Name, ours.Flops, [new Entrant(ContestResult.Us, ContestResult.Us, ours.Run, () => [.. ours.Gradients.SelectMany(g => g.Values)])], peers, p => p.Prepare(task));
    }

    private ContestResult Run(string work, string network, double flops, IReadOnlyList<Entrant> ours, IReadOnlyList<Peer> peers, Func<Peer, IPrepared?> prepare)
    {
        List<IPrepared> prepared = [];
        try
        {
            List<Entrant> entrants = [.. ours];
            foreach (var peer in peers)
            {
                if (prepare(peer) is not { } ready) continue;
                prepared.Add(ready);
                entrants.Add(new Entrant(peer.Name, peer.Family, ready.Run, ready.Output));
            }
            return contest.Run(work, network, flops, entrants);
        }
        finally
        {
            foreach (var ready in prepared) ready.Dispose();
        }
    }

    private double Peak() => FmaPeak.Measure(options.Threads, options.Quick ? 0.01 : 0.2);

    private static void Log(string line) => Console.Error.WriteLine(line);
}
