using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Bench.Peers;

/// <summary>The whole comparison.</summary>
internal sealed class Session(Options options)
{
    // The peers pad with zeros only.
    private static readonly SrcnnConfig Small = new(9, 1, 5, Border: PaddingMode.Zero), Large = new(9, 5, 5, Border: PaddingMode.Zero);
    private static readonly SrcnnConfig[] Networks = [Small, Large];
    private static readonly FsrcnnConfig Fsrcnn = new(Border: PaddingMode.Zero);
    private static readonly VdsrConfig Vdsr = new(Border: PaddingMode.Zero);

    /// <summary>The sizes of the default family.</summary>
    private static IEnumerable<NetworkConfig> Family =>
        [.. ModelCatalog.SizeNames.Select(size => (CompactConfig)ModelCatalog.Resolve(size).Network with { Border = PaddingMode.Zero })];

    private readonly Contest contest = new(options.Quick ? 1 : options.Rounds, options.Quick ? 0 : 0.8, Log);

    /// <summary>Measures everything and returns the path of the page.</summary>
    public string Run()
    {
        Options.Required(options.Output, "--output");
        var results = new Results(Machine.Current(), options) { PeakBefore = Peak() };
        var (width, height) = options.Quick ? (96, 64) : (1920, 1080);
        if (options.Only is null) MeasureMemory(results, width, height);
        // An engine that does not even run alone is named on the page and takes no part.
        var able = Peer.All.Where(p => results.Memory.All(m => m.Engine != p.Name || m.Error is null)).ToList();
        foreach (var (w, h) in options.Quick ? new[] { (64, 48), (width, height) } : [(512, 512), (width, height)])
        foreach (var network in Networks)
            results.Inference.AddRange(Inference(network, w, h, able));
        results.Inference.AddRange(BesideItsPredecessor(options.Quick ? 32 : 171, able));
        foreach (var network in Family) results.Inference.AddRange(Inference(network, options.Quick ? 32 : 171, options.Quick ? 32 : 171, able));
        results.Inference.AddRange(options.Quick ? Inference(Vdsr, 32, 24, able) : Inference(Vdsr, 256, 256, able));
        foreach (var network in Networks)
        foreach (var optimizer in (OptimizerKind[])[OptimizerKind.Sgd, OptimizerKind.Adam])
            results.Training.AddRange(Training(network, optimizer, 128, 33, able));
        // As their recipes and papers cut them.
        results.Training.AddRange(Training(Fsrcnn, OptimizerKind.Sgd, 64, 32, able));
        results.Training.AddRange(Training(Vdsr, OptimizerKind.Sgd, 64, 41, able));
        if (options is { Srcnn: { } srcnn, Files: { } files }) results.Large = LargePicture.Run(srcnn, files, options.Quick);
        results.PeakAfter = Peak();
        return new ResultsPage(results).Write();
    }

    private void MeasureMemory(Results results, int width, int height)
    {
        results.Memory.Add(Memory.Measure(Memory.Nothing, Networks[0], width, height, options.Threads));
        foreach (var network in Networks)
        foreach (var engine in Peer.All.Select(p => p.Name).Prepend(ContestResult.Us))
        {
            results.Memory.Add(Memory.Measure(engine, network, width, height, options.Threads));
            Log($"{network.Name} {width}×{height}: {engine} {results.Memory[^1].Error ?? (results.Memory[^1].Megabytes?.ToString("F0", CultureInfo.InvariantCulture) + " MiB")}");
        }
    }

    /// <summary>FSRCNN on a square picture, and our larger SRCNN on the same picture enlarged.</summary>
    private IEnumerable<ContestResult> BesideItsPredecessor(int side, IReadOnlyList<Peer> peers)
    {
        using var backend = new HostBackend(options.Threads);
        using var direct = new PictureWorkload(backend, Large, side * PictureWorkload.Scale, side * PictureWorkload.Scale, Algorithm.Direct);
        using var fast = new PictureWorkload(backend, Large, side * PictureWorkload.Scale, side * PictureWorkload.Scale);
        return Inference(Fsrcnn, side, side, peers,
            new Entrant(ContestResult.Predecessor, ContestResult.Predecessor, direct.Flops, direct.Run, Output: null),
            new Entrant(ContestResult.FastPredecessor, ContestResult.FastPredecessor, fast.Flops, fast.Run, Output: null));
    }

    private IEnumerable<ContestResult> Inference(NetworkConfig network, int width, int height, IReadOnlyList<Peer> peers, params IEnumerable<Entrant> others)
    {
        using var backend = new HostBackend(options.Threads);
        var picture = PictureWorkload.Generate(1, width, height);
        using var ours = new PictureWorkload(backend, network, picture, width, height);
        using var direct = new PictureWorkload(backend, network, picture, width, height, Algorithm.Direct);
        var task = new InferenceTask(ours.Model, picture, width, height, options.Threads);
        var work = $"{network.Name}, {width}×{height}{(task.Enlargement > 1 ? $" to {width * task.Enlargement}×{height * task.Enlargement}" : "")}";
        return Run(work, network.Name,
            [Ours(ContestResult.Us, ours, () => ours.Output), Ours(ContestResult.UsDirect, direct, () => direct.Output), .. others], peers, p => p.Prepare(task));
    }

    private IEnumerable<ContestResult> Training(NetworkConfig network, OptimizerKind optimizer, int batch, int patch, IReadOnlyList<Peer> peers)
    {
        if (options.Quick) batch = 4;
        using var backend = new HostBackend(options.Threads);
        using var ours = new TrainingWorkload(backend, network, optimizer, batch, patch);
        var (input, target) = ours.Batch(0);
        var task = new TrainingTask(ours.Model, input, target, batch, patch, (int)Math.Sqrt(target.Length / batch), optimizer, options.Threads);
        return Run($"{network.Name}, {batch} × {patch}², {(optimizer == OptimizerKind.Adam ? "Adam" : "SGD")}", network.Name,
            [Ours(ContestResult.Us, ours, () => [.. ours.Gradients.SelectMany(g => g.Values)])], peers, p => p.Prepare(task));
    }

    private static Entrant Ours(string name, IWorkload workload, Func<float[]> output) => new(name, name, workload.Flops, workload.Run, output);

    private IEnumerable<ContestResult> Run(string work, string network, IReadOnlyList<Entrant> ours, IReadOnlyList<Peer> peers, Func<Peer, IPrepared?> prepare)
    {
        if (options.Only is { } text && !work.Contains(text, StringComparison.Ordinal)) return [];
        List<IPrepared> prepared = [];
        try
        {
            List<Entrant> entrants = [.. ours];
            foreach (var peer in peers)
            {
                if (prepare(peer) is not { } ready) continue;
                prepared.Add(ready);
                entrants.Add(new Entrant(peer.Name, peer.Family, ours[0].Flops, ready.Run, ready.Output));
            }
            return [contest.Run(work, network, entrants)];
        }
        finally
        {
            foreach (var ready in prepared) ready.Dispose();
        }
    }

    private double Peak() => FmaPeak.Measure(options.Threads, options.Quick ? 0.01 : 0.2);

    private static void Log(string line) => Console.Error.WriteLine(line);
}
