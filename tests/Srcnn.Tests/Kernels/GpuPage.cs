using System.Globalization;
using System.Text;
using System.Text.Json;
using Srcnn.Engine.Diagnostics;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>A graphics card by its data sheet.</summary>
/// <param name="Name">As sold.</param>
/// <param name="Teraflops">10¹² float32 operations a second outside tensor cores, at boost clock.</param>
/// <param name="Memory">GB/s of its memory.</param>
/// <param name="OnChip">TB/s of shared memory and first-level cache: multiprocessors × 128 bytes × boost clock.</param>
internal sealed record Card(string Name, double Teraflops, double Memory, double OnChip);

/// <summary>Writes docs/gpu.md: what the compiler makes of the kernels, and how long the layers would take on known cards.</summary>
internal static class GpuPage
{
    private const int Batch = 128, Patch = 33;

    private static readonly Lazy<SortedDictionary<string, PtxReport>> Reports = new(() => new(
        KernelCatalog.All.ToDictionary(kernel => kernel.Name, kernel => PtxReport.Of(kernel.Ptx())),
        StringComparer.Ordinal));

    private static readonly Card[] Cards =
    [
        new("A100 80 GB", 19.5, 2039, 108 * 128 * 1.41e-3),
        new("H100 SXM", 66.9, 3352, 132 * 128 * 1.98e-3),
        new("RTX 4090", 82.6, 1008, 128 * 128 * 2.52e-3),
        new("RX 7900 XTX", 61.4, 960, 96 * 128 * 2.5e-3),
    ];

    /// <summary>The whole page.</summary>
    /// <param name="measured">Documents that <c>srcnn benchmark --json</c> printed on machines with a card.</param>
    public static string Text(IEnumerable<string> measured)
    {
        var page = new StringBuilder("""
            # GPUs: what is expected

            Written by `SRCNN_UPDATE_PAGES=1 dotnet test tests/Srcnn.Tests --filter FullyQualifiedName~GpuPage`; [kernels.md](kernels.md)
            explains the kernels. No card was at hand: this is what can be known without one.

            ## Inner loops

            From the PTX for sm_80: the innermost loop with the most fused multiply–adds (a kernel without loops whole), counted for one
            thread; `srcnn kernels` lists all kernels. "Share" is that of the multiply–adds among all instructions but moves, which the
            assembler drops. Tests hold the tile and strip kernels to their rows.

            | kernel | multiply–adds | share | loads | of 16 bytes | bytes per multiply–add | branches | barriers | shared bytes | spills |
            | --- | --: | --: | --: | --: | --: | --: | --: | --: | --- |

            """);
        foreach (var (name, r) in Reports.Value.Where(report => report.Value.MultiplyAdds > 0))
        {
            page.Append(CultureInfo.InvariantCulture,
                $"| {name} | {r.MultiplyAdds} | {r.MultiplyAddShare:P0} | {r.Loads} | {r.QuadLoads} | {r.BytesPerMultiplyAdd:F2} | {r.Branches} | {r.Barriers} | {r.SharedBytes} | {(r.UsesLocalMemory ? "yes" : "no")} |\n");
        }
        page.Append(CultureInfo.InvariantCulture, $"""

            ## Expected times

            Layers on {Batch} patches of {Patch}×{Patch}, as `srcnn benchmark` times them. A time is the longest of three: the
            multiply–adds at the data sheet's rate, those on the empty parts of tiles and on borders included; the bytes of the tensors, each once, at the
            memory's rate; and the bytes that threads load in the inner loop at the rate of shared memory and first-level cache, counted
            without broadcasts. Nothing reaches its data sheet: half of it is good. Launches cost some 5 µs each, so the small layers are
            bound by those.

            | card | TFLOP/s | memory, GB/s | on chip, TB/s |
            | --- | --: | --: | --: |

            """);
        foreach (var card in Cards) page.Append(CultureInfo.InvariantCulture, $"| {card.Name} | {card.Teraflops:F1} | {card.Memory:F0} | {card.OnChip:F1} |\n");
        page.Append(CultureInfo.InvariantCulture, $"\n| work | plan | GFLOP | MB | filled | {string.Join(" | ", Cards.Select(card => $"{card.Name}, µs"))} |\n| --- | --- | --: | --: | --: | {string.Join(" | ", Cards.Select(_ => "--"))} |\n");
        foreach (var work in Works())
        {
            page.Append(CultureInfo.InvariantCulture, $"| {work.Name} | {work.Plan} | {work.Flops / 1e9:F2} | {work.Bytes / 1e6:F1} | {work.Filled:P0} |");
            foreach (var card in Cards) page.Append(CultureInfo.InvariantCulture, $" {work.On(card).Time * 1e6:F0} {work.On(card).Limit} |");
            page.Append('\n');
        }
        page.Append("\n## Measured\n\nPut what `srcnn benchmark --device cuda --json` prints into `bench/results/gpu/CARD.json` and write the page anew.\n");
        foreach (var json in measured) AppendMeasured(page, json);
        return page.ToString();
    }

    private static void AppendMeasured(StringBuilder page, string json)
    {
        using var document = JsonDocument.Parse(json);
        var expected = Works().ToDictionary(work => work.Name);
        foreach (var device in document.RootElement.GetProperty("devices").EnumerateArray().Where(d => d.GetProperty("name").GetString() != "host"))
        {
            page.Append(CultureInfo.InvariantCulture, $"\n### {device.GetProperty("description").GetString()}\n\n| work | µs | GFLOP/s | µs expected |\n| --- | --: | --: | --- |\n");
            foreach (var row in document.RootElement.GetProperty("results").EnumerateArray().Where(r => r.GetProperty("device").GetString() == device.GetProperty("name").GetString()))
            {
                if (!expected.TryGetValue(row.GetProperty("work").GetString()!, out var work)) continue;
                page.Append(CultureInfo.InvariantCulture,
                    $"| {work.Name} | {row.GetProperty("ms").GetDouble() * 1e3:F0} | {row.GetProperty("gflops").GetDouble():F0} | {string.Join(", ", Cards.Select(card => string.Create(CultureInfo.InvariantCulture, $"{card.Name} {work.On(card).Time * 1e6:F0}")))} |\n");
            }
        }
    }

    private static IEnumerable<Work> Works() =>
        from layer in new[] { new SrcnnConfig(9, 1, 5), new SrcnnConfig(9, 5, 5) }.SelectMany(n => ConvolutionCase.LayersOf(n, Batch, Patch)).DistinctBy(l => l.Geometry)
        from op in Enum.GetValues<ConvolutionOp>()
        select new Work(layer, op);

    /// <summary>One op of one layer, as a GPU would run it.</summary>
    private sealed class Work
    {
        public Work(ConvolutionCase layer, ConvolutionOp op)
        {
            var g = layer.Geometry;
            var (input, output) = (layer.Input with { N = Batch }, g.Output(layer.Input with { N = Batch }));
            Name = $"{layer.Name} {op.Words()}";
            Flops = g.Flops(input);
            Bytes = 4.0 * (input.Length + output.Length + g.Weight.Length);
            var task = op == ConvolutionOp.InputGradient ? new Conv2dTask(g.OutChannels, g.InChannels, g.KernelSize, 1, false) : new Conv2dTask(g, op == ConvolutionOp.WeightGradient);
            Plan = Conv2dPlan.For(task, DeviceClass.Gpu);
            if (Plan.Swapped) task = task.Swap();
            var pixels = op == ConvolutionOp.InputGradient ? input.N * input.H * input.W : output.N * output.H * output.W;
            Filled = Plan.Variant == Conv2dVariant.Tile
                ? Fill(task.WeightGradient ? task.RowTerms * task.KernelSize : pixels, Plan.Threads) * Fill(task.OutChannels, Conv2dTile.ColumnThreads * Plan.Lanes)
                : 1;
            // An input gradient is computed at every input pixel, borders of zeros included, and counted at the output's.
            if (op == ConvolutionOp.InputGradient) Filled *= output.H * output.W / (double)(input.H * input.W);
            var kernel = (Plan.Variant, task.WeightGradient) switch
            {
                (Conv2dVariant.Tile, var isGradient) => $"Conv2dTile:{(isGradient ? nameof(Conv2dWeightProduct) : nameof(Conv2dForwardProduct))}:{Plan.Lanes}",
                (var variant, false) => $"Conv2d{variant}:{Plan.Lanes}",
                _ => throw new NotSupportedException($"{Plan} of {task}: the page knows no weight gradient by strips"),
            };
            BytesPerMultiplyAdd = Reports.Value[kernel].BytesPerMultiplyAdd;
        }

        public string Name { get; }

        public Conv2dPlan Plan { get; }

        public double Flops { get; }

        public double Bytes { get; }

        public double Filled { get; }

        private double BytesPerMultiplyAdd { get; }

        public (double Time, string Limit) On(Card card) => new[]
        {
            (Flops / Filled / (card.Teraflops * 1e12), "arithmetic"),
            (Bytes / (card.Memory * 1e9), "memory"),
            (Flops / 2 / Filled * BytesPerMultiplyAdd / (card.OnChip * 1e12), "on chip"),
        }.MaxBy(limit => limit.Item1);

        private static double Fill(int length, int block) => length / (double)((length + block - 1) / block * block);
    }
}

public sealed class GpuPageTests
{
    [Test]
    public void ThePageIsWhatTheKernelsCompileTo()
    {
        var path = Path.Combine(Repository.Root, "docs", "gpu.md");
        var rows = Path.Combine(Repository.Root, "bench", "results", "gpu");
        var text = GpuPage.Text(Directory.Exists(rows) ? Directory.GetFiles(rows, "*.json").Order(StringComparer.Ordinal).Select(File.ReadAllText) : []);
        if (Environment.GetEnvironmentVariable("SRCNN_UPDATE_PAGES") == "1") File.WriteAllText(path, text);
        Assert.That(File.ReadAllText(path), Is.EqualTo(text), "write it anew with SRCNN_UPDATE_PAGES=1");
    }
}
