using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>What is computed for a convolution.</summary>
public enum ConvolutionOp
{
    Forward,
    InputGradient,
    WeightGradient,
}

/// <summary>A layer of a network as it meets a batch of training patches.</summary>
public sealed record ConvolutionCase(Conv2dGeometry Geometry, Activation Activation, int Batch, int Side)
{
    /// <summary>"9×9 1→64".</summary>
    public string Name => $"{Geometry.KernelSize}×{Geometry.KernelSize} {Geometry.InChannels}→{Geometry.OutChannels}";

    /// <summary>The input of one sample.</summary>
    public Shape Input => new(1, Side, Side, Geometry.InChannels);

    /// <summary>The three layers of <paramref name="network"/>; without padding, so each sees a smaller picture than the one before.</summary>
    public static IEnumerable<ConvolutionCase> LayersOf(SrcnnConfig network, int batch, int patch)
    {
        Conv2dGeometry[] layers = [new(network.Channels, network.N1, network.F1), new(network.N1, network.N2, network.F2), new(network.N2, network.Channels, network.F3)];
        foreach (var geometry in layers)
        {
            yield return new(geometry, geometry == layers[^1] ? Activation.None : Activation.Relu, batch, patch);
            patch -= geometry.KernelSize - 1;
        }
    }
}

/// <summary>One op over a batch, shared among workers as training shares it: on host a sample at a time, on a device the whole batch at once.</summary>
public sealed class ConvolutionWorkload : IWorkload
{
    private const int MostCalls = 16;

    private readonly IBackend backend;
    private readonly ConvolutionCase layer;
    private readonly ConvolutionOp op;
    private readonly int shards, microBatch;
    private readonly Tensor weight, flipped, bias;
    private readonly Lane[] lanes;

    /// <param name="backend">Where it is computed.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="op">What is computed of it.</param>
    /// <param name="leastFlops">A run calls the op, up to 16 times, until it has done as many operations.</param>
    public ConvolutionWorkload(IBackend backend, ConvolutionCase layer, ConvolutionOp op, double leastFlops = 0)
    {
        Calls = (int)Math.Clamp(Math.Ceiling(leastFlops / (layer.Batch * layer.Geometry.Flops(layer.Input))), 1, MostCalls);
        (this.backend, this.layer, this.op) = (backend, layer, op);
        var g = layer.Geometry;
        shards = backend.Shards(layer.Batch);
        microBatch = Math.Min(backend.MicroBatch, layer.Batch / shards);
        var random = new SeededRandom(1);
        weight = Random(random, g.Weight);
        bias = Random(random, g.Bias);
        flipped = backend.Allocate(g.FlippedWeight);
        backend.Conv2dFlip(g, weight, flipped);
        var input = layer.Input with { N = microBatch };
        lanes = [.. Enumerable.Range(0, backend.Workers).Select(_ => new Lane(
            Random(random, input), Random(random, g.Output(input)), backend.Allocate(input), backend.Allocate(g.Output(input)), backend.Allocate(g.Weight), backend.Allocate(g.Bias)))];
    }

    /// <inheritdoc/>
    public double Flops => Calls * layer.Batch * layer.Geometry.Flops(layer.Input);

    /// <inheritdoc/>
    public int Calls { get; }

    /// <inheritdoc/>
    public void Run()
    {
        for (var call = 0; call < Calls; call++) Call();
        backend.Synchronize();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in lanes.SelectMany(l => l.Tensors).Concat([weight, flipped, bias])) tensor.Dispose();
    }

    private void Call() => backend.ForEachShard(shards, (shard, worker) =>
    {
        var (g, lane) = (layer.Geometry, lanes[worker]);
        for (var n = layer.Batch * shard / shards; n < layer.Batch * (shard + 1) / shards; n += microBatch)
        {
            if (op == ConvolutionOp.Forward) backend.Conv2dForward(g, lane.Input, weight, bias, layer.Activation, lane.Output);
            else if (op == ConvolutionOp.InputGradient) backend.Conv2dBackwardInput(g, lane.OutputGrad, flipped, mask: null, lane.InputGrad);
            else backend.Conv2dBackwardWeight(g, lane.Input, lane.OutputGrad, lane.WeightGrad, lane.BiasGrad);
        }
    });

    private Tensor Random(SeededRandom random, Shape shape)
    {
        var values = new float[shape.Length];
        foreach (ref var value in values.AsSpan()) value = random.NextSingle(-1, 1);
        var tensor = backend.Allocate(shape);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>What one worker computes on.</summary>
    private sealed record Lane(Tensor Input, Tensor OutputGrad, Tensor InputGrad, Tensor Output, Tensor WeightGrad, Tensor BiasGrad)
    {
        public Tensor[] Tensors => [Input, OutputGrad, InputGrad, Output, WeightGrad, BiasGrad];
    }
}

/// <summary>Ops in words.</summary>
public static class ConvolutionOps
{
    /// <summary>"input gradient".</summary>
    public static string Words(this ConvolutionOp op) => op switch
    {
        ConvolutionOp.Forward => "forward",
        ConvolutionOp.InputGradient => "input gradient",
        _ => "weight gradient",
    };
}
