using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// Loss and gradient of one batch. The batch is cut into shards with gradients of their own, summed in shard order; within a shard
/// samples go through the network in micro-batches as large as the backend likes. So the bits do not depend on the number of workers.
/// </summary>
public sealed class GradientPass : IDisposable
{
    private readonly Model model;
    private readonly PatchSampler sampler;
    private readonly int batch, shards, microBatch;
    private readonly Shape inputShape, targetShape;
    private readonly Lane[] lanes;
    private readonly Tensor[] grads, losses;

    /// <summary>Allocates everything a step needs.</summary>
    public GradientPass(Model model, PatchSampler sampler, int batch, int patch)
    {
        (this.model, this.sampler, this.batch) = (model, sampler, batch);
        var backend = model.Backend;
        shards = backend.Shards(batch);
        microBatch = Math.Min(backend.MicroBatch, (batch + shards - 1) / shards);
        inputShape = new Shape(microBatch, patch, patch, model.Network.Channels);
        targetShape = model.Training.Output(inputShape);
        lanes = [.. Enumerable.Range(0, backend.Workers).Select(_ => new Lane(model, inputShape, targetShape))];
        grads = [.. Enumerable.Range(0, shards).Select(_ => backend.Allocate(model.Parameters.Values.Shape))];
        losses = [.. Enumerable.Range(0, shards).Select(_ => backend.Allocate(Shape.Vector(1)))];
    }

    /// <summary>The batch's gradient after <see cref="Run"/>.</summary>
    public Tensor Grads => grads[0];

    /// <summary>Operations of one sample: forward, weight gradients, and input gradients of all layers but the first, counted from its weights and outputs.</summary>
    public double Flops
    {
        get
        {
            var (sample, weight) = (inputShape with { N = 1 }, model.Parameters.Parameters[0].Shape);
            return (3 * model.Training.Flops(sample)) - (2.0 * (sample.H - weight.N + 1) * (sample.W - weight.H + 1) * weight.Length);
        }
    }

    /// <summary>
    /// Computes the gradient over samples [first, first + batch) of the sampler; the loss is added to <see cref="Losses"/>. False, and the
    /// losses as they were, if <paramref name="stop"/> was cancelled before the end: a step of a large network takes seconds.
    /// </summary>
    /// <exception cref="DataException">A picture can no longer be read; the losses are as they were.</exception>
    public bool Run(long first, CancellationToken stop = default)
    {
        using (model.Backend.Profile?.Begin("prepare weights"))
            model.Training.Prepare(model.Parameters);
        // A single shard is done or not begun.
        var before = shards > 1 ? Losses : null;
        var done = 0;
        try
        {
            model.Backend.ForEachShard(shards, (shard, worker) =>
            {
                if (stop.IsCancellationRequested) return;
                using (model.Backend.Profile?.Begin("clear gradients"))
                    model.Backend.Fill(grads[shard], 0);
                long from = (long)batch * shard / shards, to = (long)batch * (shard + 1) / shards;
                for (var n = from; n < to; n += microBatch) Accumulate(lanes[worker], shard, first + n, (int)Math.Min(microBatch, to - n));
                Interlocked.Increment(ref done);
            });
        }
        catch (AggregateException e) when (e.InnerExceptions.OfType<DataException>().FirstOrDefault() is { } missing)
        {
            throw missing;
        }
        finally
        {
            if (done < shards && before is not null) Losses = before;
        }
        if (done < shards) return false;
        using var timed = model.Backend.Profile?.Begin("add shards");
        for (var shard = 1; shard < shards; shard++) model.Backend.AddScaled(grads[shard], 1, grads[0]);
        return true;
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

    private void Accumulate(Lane lane, int shard, long first, int count)
    {
        lane.Workspace.Grads = grads[shard];
        using (model.Backend.Profile?.Begin("cut patches"))
            for (var i = 0; i < count; i++)
                sampler.Cut(first + i, lane.InputValues.AsSpan(i * inputShape.Sample, inputShape.Sample), lane.TargetValues.AsSpan(i * targetShape.Sample, targetShape.Sample));
        using var input = lane.Input.Slice(0, inputShape with { N = count });
        using var target = lane.Target.Slice(0, targetShape with { N = count });
        using var outputGrad = lane.OutputGrad.Slice(0, targetShape with { N = count });
        input.CopyFrom(lane.InputValues.AsSpan(0, count * inputShape.Sample));
        target.CopyFrom(lane.TargetValues.AsSpan(0, count * targetShape.Sample));

        var output = model.Training.Forward(lane.Workspace, input);
        using (model.Backend.Profile?.Begin("loss"))
            model.Backend.MseLoss(output, target, (long)batch * targetShape.Sample, outputGrad, losses[shard]);
        if (model.Training.OutputActivation.IsRelu) model.Backend.ReluBackward(output, outputGrad, outputGrad);
        model.Training.Backward(lane.Workspace, outputGrad, InputGrad.None);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var lane in lanes) lane.Dispose();
        foreach (var tensor in grads.Concat(losses)) tensor.Dispose();
    }

    /// <summary>What one worker runs samples in.</summary>
    private sealed class Lane(Model model, Shape input, Shape target) : IDisposable
    {
        public Workspace Workspace { get; } = new(model.Parameters);

        public Tensor Input { get; } = model.Backend.Allocate(input);

        public Tensor Target { get; } = model.Backend.Allocate(target);

        public Tensor OutputGrad { get; } = model.Backend.Allocate(target);

        public float[] InputValues { get; } = new float[input.Length];

        public float[] TargetValues { get; } = new float[target.Length];

        public void Dispose()
        {
            Workspace.Dispose();
            Input.Dispose();
            Target.Dispose();
            OutputGrad.Dispose();
        }
    }
}
