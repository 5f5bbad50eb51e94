using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// Loss and gradient of one batch. The batch is cut into shards with gradients of their own, summed along a <see cref="GradientTree"/>; within a shard
/// samples go through the network in micro-batches as large as the backend likes. So the bits do not depend on the number of workers.
/// A device that has no room takes smaller micro-batches; the gradient is the same but for rounding. Where ops need to know the whole batch
/// (<see cref="Graph.NeedsBatch"/>), all shards go on together from one such op to the next.
/// </summary>
public sealed class GradientPass : IDisposable
{
    /// <summary>How often a micro-batch that finds no room on the device is halved.</summary>
    private const int MostHalvings = 4;

    private readonly Model model;
    private readonly PatchSampler sampler;
    private readonly int batch, shards;
    private readonly Shape inputShape, targetShape;
    private readonly Action<string>? warn;
    private readonly Lane[] lanes;
    private readonly BatchFeed? feed;
    private readonly GradientTree tree;
    private readonly Tensor[] losses;
    private int halvings;
    private bool fits;

    /// <summary>Allocates everything a step needs but what the network's ops do.</summary>
    /// <param name="warn">Told when a device has no room for its micro-batch.</param>
    public GradientPass(Model model, PatchSampler sampler, int batch, int patch, Action<string>? warn = null)
    {
        (this.model, this.sampler, this.batch, this.warn) = (model, sampler, batch, warn);
        var backend = model.Backend;
        shards = backend.Shards(batch);
        var shard = (batch + shards - 1) / shards;
        MicroBatch = Together ? shard : Math.Min(backend.MicroBatch, shard);
        inputShape = new Shape(1, patch, patch, model.Network.Channels);
        targetShape = model.Training.Output(inputShape, model.TrainingEdges);
        lanes = [.. Enumerable.Range(0, Together ? shards : backend.Workers).Select(_ => new Lane(model, inputShape with { N = MicroBatch }, targetShape with { N = MicroBatch }))];
        if (backend.IsDevice) feed = new BatchFeed(backend, sampler, inputShape with { N = batch }, targetShape with { N = batch });
        tree = new GradientTree(model.Parameters, shards);
        losses = [.. Enumerable.Range(0, shards).Select(_ => backend.Allocate(Shape.Vector(1)))];
    }

    /// <summary>Samples that go through the network at once.</summary>
    public int MicroBatch { get; private set; }

    /// <summary>The batch's gradient after <see cref="Run"/>.</summary>
    public Tensor Grads => tree.Total;

    /// <summary>Whether the whole batch goes through the network at once, because its ops need to know it.</summary>
    private bool Together => model.Training.NeedsBatch;

    /// <summary>Operations of one sample.</summary>
    public double Flops => model.Training.TrainingFlops(inputShape, model.TrainingEdges);

    /// <summary>
    /// Computes the gradient over samples [first, first + batch) of the sampler; the loss is added to <see cref="Losses"/>. False, and the
    /// losses as they were, if <paramref name="stop"/> was cancelled before the end: a step of a large network takes seconds.
    /// </summary>
    /// <exception cref="DataException">A picture can no longer be read; the losses are as they were.</exception>
    /// <exception cref="DeviceMemoryException">The device has no room, also for smaller micro-batches; the losses are as they were.</exception>
    public bool Run(long first, CancellationToken stop = default)
    {
        using (model.Backend.Profile?.Begin("prepare weights"))
            model.Training.Prepare(model.Parameters);
        // A single shard is done or not begun, once its memory has been allocated. To read losses from a device is to wait for it.
        var before = shards > 1 || !fits ? Losses : null;
        var done = false;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    tree.Start();
                    done = Together ? RunTogether(first, stop) : RunShards(first, stop);
                    break;
                }
                catch (DeviceMemoryException e) when (!fits && !Together && halvings < MostHalvings && MicroBatch > 1)
                {
                    Losses = before!;
                    Halve(e);
                }
            }
        }
        finally
        {
            if (!done && before is not null) Losses = before;
        }
        fits |= done;
        return done;
    }

    /// <summary>Loss of each shard, summed over all batches since it was last set; a checkpoint keeps it. Waits for the device.</summary>
    public float[] Losses
    {
        get => [.. losses.Select(loss => loss.ToArray()[0])];
        set
        {
            // A run that goes on on another backend has other shards; only the sum matters there.
            float[] sums = value.Length == losses.Length ? value : [value.Sum(), .. new float[losses.Length - 1]];
            foreach (var (loss, sum) in losses.Zip(sums)) loss.CopyFrom([sum]);
        }
    }

    /// <summary>The sum of <see cref="Losses"/>. Waits for the device.</summary>
    public double Loss => Losses.Sum(loss => (double)loss);

    /// <summary>The sum of the losses of all batches since the last call.</summary>
    public double TakeLoss()
    {
        var sum = Loss;
        Losses = new float[losses.Length];
        return sum;
    }

    /// <summary>Every shard's gradient and loss; false if stopped in between.</summary>
    private bool RunShards(long first, CancellationToken stop)
    {
        var whole = feed?.Take(first);
        var done = 0;
        model.Backend.ForEachShard(shards, (shard, worker) =>
        {
            if (stop.IsCancellationRequested) return;
            lanes[worker].Workspace.Grads = tree.Rent();
            var (from, to) = Range(shard);
            for (var n = from; n < to; n += MicroBatch)
            {
                var count = (int)Math.Min(MicroBatch, to - n);
                var (input, target) = whole is null ? lanes[worker].Cut(sampler, first + n, count) : (Part(whole.Value.Input, n, count), Part(whole.Value.Target, n, count));
                using (input)
                using (target)
                    Accumulate(lanes[worker], shard, input, target);
            }
            tree.Add(shard, lanes[worker].Workspace.Grads!);
            Interlocked.Increment(ref done);
        });
        feed?.Launched(first + batch);
        return done == shards;
    }

    /// <summary>The same with every shard in a workspace of its own, from one op that needs to know the batch to the next.</summary>
    private bool RunTogether(long first, CancellationToken stop)
    {
        var whole = feed?.Take(first);
        var targets = new Tensor[shards];
        var told = new Statistics?[shards];
        Each(shard =>
        {
            var (from, to) = Range(shard);
            var count = (int)(to - from);
            var (input, target) = whole is null ? lanes[shard].Cut(sampler, first + from, count) : (Part(whole.Value.Input, from, count), Part(whole.Value.Target, from, count));
            lanes[shard].Workspace.Grads = tree.Rent();
            lanes[shard].Workspace.Begin(input);
            targets[shard] = target;
        });
        // The running statistics are changed only by a pass that is not stopped any more.
        List<Statistics> batches = [];
        while (Merged(shard => lanes[shard].Workspace.Advance()) is { } statistics) batches.Add(statistics);
        if (stop.IsCancellationRequested) return false;
        foreach (var (op, values) in batches) op.Track(model.Parameters, values);
        Each(shard => lanes[shard].Workspace.BeginBack(LossGrad(lanes[shard], shard, lanes[shard].Workspace.Result, targets[shard])));
        while (Merged(shard => lanes[shard].Workspace.AdvanceBack()) is not null) { }
        Each(shard => tree.Add(shard, lanes[shard].Workspace.Grads!));
        feed?.Launched(first + batch);
        return true;

        void Each(Action<int> body) => model.Backend.ForEachShard(shards, (shard, _) => body(shard));

        // What all shards told, merged along a binary tree and handed back to all; null at the end of a pass.
        Statistics? Merged(Func<int, Statistics?> advance)
        {
            Each(shard => told[shard] = advance(shard));
            if (told[0] is not { } all) return null;
            for (var step = 1; step < shards; step *= 2)
            for (var shard = 0; shard + step < shards; shard += 2 * step)
                all.Op.Merge(model.Backend, told[shard + step]!.Values, told[shard]!.Values);
            foreach (var other in told.Skip(1)) model.Backend.Copy(all.Values, other!.Values);
            return all;
        }
    }

    private void Accumulate(Lane lane, int shard, Tensor input, Tensor target)
    {
        var output = lane.Workspace.Forward(input);
        using var outputGrad = LossGrad(lane, shard, output, target);
        lane.Workspace.Backward(outputGrad);
    }

    /// <summary>Adds to the shard's loss; its gradient in the output.</summary>
    private Tensor LossGrad(Lane lane, int shard, Tensor output, Tensor target)
    {
        using var timed = model.Backend.Profile?.Begin("loss");
        var outputGrad = lane.OutputGrad.Slice(0, target.Shape);
        model.Backend.MseLoss(output, target, (long)batch * targetShape.Sample, outputGrad, losses[shard]);
        return outputGrad;
    }

    /// <summary>A shard's samples in the batch.</summary>
    private (long From, long To) Range(int shard) => ((long)batch * shard / shards, (long)batch * (shard + 1) / shards);

    private void Halve(DeviceMemoryException e)
    {
        halvings++;
        MicroBatch = (MicroBatch + 1) / 2;
        warn?.Invoke($"{e.Message}; {MicroBatch} of a batch's {batch} samples go through the network at once now");
        model.Backend.Synchronize();
        foreach (var lane in lanes) lane.Workspace.Clear();
        model.Backend.Trim();
    }

    /// <summary>Samples [first, first + count) of a batch.</summary>
    private static Tensor Part(Tensor whole, long first, int count) => whole.Slice((int)first * whole.Shape.Sample, whole.Shape with { N = count });

    /// <inheritdoc/>
    public void Dispose()
    {
        feed?.Dispose();
        foreach (var lane in lanes) lane.Dispose();
        tree.Dispose();
        foreach (var tensor in losses) tensor.Dispose();
    }

    /// <summary>What one worker runs samples in.</summary>
    private sealed class Lane(Model model, Shape input, Shape target) : IDisposable
    {
        // A device is given whole batches.
        private readonly StagedTensor? inputs = model.Backend.IsDevice ? null : model.Backend.Stage(input), targets = model.Backend.IsDevice ? null : model.Backend.Stage(target);

        public Workspace Workspace { get; } = new(model.Training, model.Parameters) { Edges = model.TrainingEdges };

        public Tensor OutputGrad { get; } = model.Backend.Allocate(target);

        /// <summary>Cuts samples [first, first + count) of the sampler.</summary>
        public (Tensor Input, Tensor Target) Cut(PatchSampler sampler, long first, int count)
        {
            using var timed = model.Backend.Profile?.Begin("cut patches");
            for (var i = 0; i < count; i++) sampler.Cut(first + i, inputs!.Values.Slice(i * input.Sample, input.Sample), targets!.Values.Slice(i * target.Sample, target.Sample));
            inputs!.Send(count * input.Sample);
            targets!.Send(count * target.Sample);
            return (Part(inputs.Tensor, 0, count), Part(targets.Tensor, 0, count));
        }

        public void Dispose()
        {
            Workspace.Dispose();
            OutputGrad.Dispose();
            inputs?.Dispose();
            targets?.Dispose();
        }
    }
}
