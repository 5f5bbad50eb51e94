using System.Globalization;
using Srcnn.Engine.Diagnostics;
using Srcnn.Kernels;

namespace Srcnn.Bench;

/// <summary>
/// Times direct against Winograd convolution, layer by layer on one thread, for the instruction set of this process: the measurements
/// behind the table of <see cref="Conv2dAlgorithms"/>. The two take turns and the shortest times count, since other programs only ever slow one down.
/// </summary>
internal static class AlgorithmTable
{
    private const int Rounds = 40, Width = 192, Height = 32, Patch = 33;

    private static readonly (int Kernel, int In, int Out)[] Layers =
    [
        (9, 1, 16), (9, 1, 32), (9, 1, 64),
        (5, 4, 4), (5, 56, 4), (5, 8, 8), (5, 16, 16), (5, 32, 16), (5, 32, 32), (5, 64, 32),
        (5, 16, 1), (5, 32, 1), (5, 64, 1),
        (3, 4, 4), (3, 5, 5), (3, 8, 8), (3, 12, 12), (3, 56, 9), (3, 16, 16), (3, 32, 32), (3, 64, 64),
    ];

    /// <summary>Writes the table.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine($"## {Simd.Name}");
        output.WriteLine();
        output.WriteLine("| layer | picture | forward | input gradient | weight gradient |");
        output.WriteLine("|---|---|---|---|---|");
        foreach (var (kernel, inChannels, outChannels) in Layers)
        {
            var g = new Conv2dGeometry(inChannels, outChannels, kernel, Padding.Same(kernel, PaddingMode.Zero));
            string[] cells = [Picture(g), Pass(g, ConvolutionOp.Forward), Pass(g, ConvolutionOp.InputGradient), Pass(g, ConvolutionOp.WeightGradient)];
            output.WriteLine($"| {kernel}×{kernel} {inChannels}→{outChannels} | {string.Join(" | ", cells)} |");
        }
        output.WriteLine();
    }

    private static string Picture(in Conv2dGeometry g)
    {
        using var host = new HostBackend(1);
        using Tensor weight = host.Allocate(g.Weight), bias = host.Allocate(g.Bias);
        weight.CopyFrom([.. Enumerable.Range(0, g.Weight.Length).Select(i => (i % 17 / 17f) - 0.5f)]);
        using IRowOp direct = Conv2dAlgorithms.RowOp(g, weight, bias, Activation.Relu, Algorithm.Direct);
        using IRowOp fast = Conv2dAlgorithms.RowOp(g, weight, bias, Activation.Relu, Algorithm.Fast);
        if (fast is DirectRowOp) return "-";
        using RowRing input = new(g.InChannels, g.Padding.Mode), output = new(g.OutChannels, PaddingMode.Zero);
        input.Reset(-g.Padding.Left, Width + g.Padding.Right, Width, Height, Height);
        input.Pad(0, Height);
        output.Reset(0, Width, Width, Height, fast.RowStep);
        void Run(IRowOp op)
        {
            for (var y = 0; y < Height; y += fast.RowStep) op.Run([input], output, y, y + fast.RowStep, 0, Width);
        }
        direct.Prepare();
        fast.Prepare();
        return Compare(() => Run(direct), () => Run(fast));
    }

    private static string Pass(in Conv2dGeometry g, ConvolutionOp op)
    {
        var tiled = op == ConvolutionOp.InputGradient ? g with { InChannels = g.OutChannels, OutChannels = g.InChannels } : g;
        if (Conv2dAlgorithms.Sample(tiled, new Shape(1, Patch, Patch, tiled.OutChannels), Algorithm.Fast) is null) return "-";
        var layer = new ConvolutionCase(g, Activation.Relu, Batch: 1, Patch);
        using HostBackend plain = new(1) { Algorithm = Algorithm.Direct }, winograd = new(1) { Algorithm = Algorithm.Fast };
        using ConvolutionWorkload direct = new(plain, layer, op), fast = new(winograd, layer, op);
        return Compare(direct.Run, fast.Run);
    }

    private static string Compare(Action direct, Action fast)
    {
        double best = double.PositiveInfinity, bestFast = double.PositiveInfinity;
        for (var round = 0; round < Rounds; round++)
        {
            best = Math.Min(best, Timing.Once(direct));
            bestFast = Math.Min(bestFast, Timing.Once(fast));
        }
        return string.Create(CultureInfo.InvariantCulture, $"{best * 1e6:F0} / {bestFast * 1e6:F0} µs, {best / bestFast:F1}×");
    }
}
