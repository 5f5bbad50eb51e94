using Srcnn.Engine.Data;
using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// Batches of patches on a device. While it works on one, the next is cut by all cores and sent on a stream of its own, from page-locked
/// memory to a second tensor. Samples are a pure function of their number, so the batches are those of a program that does one thing
/// after the other.
/// </summary>
internal sealed class BatchFeed : IDisposable
{
    private const long None = -1;

    private readonly IBackend backend, uploads;
    private readonly PatchSampler sampler;
    private readonly int batch, inputLength, targetLength;
    private readonly Batch[] batches;
    private int current;

    /// <param name="backend">Runs the network. Not owned.</param>
    /// <param name="input">Of a whole batch; <paramref name="target"/> likewise.</param>
    public BatchFeed(IBackend backend, PatchSampler sampler, Shape input, Shape target)
    {
        (this.backend, this.sampler, batch, inputLength, targetLength) = (backend, sampler, input.N, input.Sample, target.Sample);
        uploads = backend.OpenStream();
        batches = [.. Enumerable.Range(0, 2).Select(_ => new Batch(uploads.Stage(input), uploads.Stage(target)))];
        uploads.Synchronize();
    }

    /// <summary>The batch that begins with sample <paramref name="first"/>, [batch, patch, patch, C]; valid until the next call.</summary>
    /// <exception cref="Imaging.DataException">A picture can no longer be read.</exception>
    /// <exception cref="DeviceException">The device failed.</exception>
    public (Tensor Input, Tensor Target) Take(long first)
    {
        if (batches[current].First != first) current = 1 - current;
        var taken = batches[current];
        if (taken.First != first) Prepare(taken, first);
        try
        {
            using var timed = backend.Profile?.Begin("wait for patches");
            taken.Ready.GetAwaiter().GetResult();
        }
        catch
        {
            taken.First = None; // asked again, it is tried again
            throw;
        }
        return (taken.Input.Tensor, taken.Target.Tensor);
    }

    /// <summary>To be called when all that reads the batch in hand has been launched: the one that begins with sample <paramref name="next"/> is made ready meanwhile.</summary>
    public void Launched(long next)
    {
        batches[current].Free = backend.WhenDone();
        if (batches[1 - current].First != next) Prepare(batches[1 - current], next);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in batches)
        {
            Task.WhenAll(one.Ready, one.Free).ContinueWith(static _ => { }, TaskScheduler.Default).Wait(); // whatever came of it
            one.Input.Dispose();
            one.Target.Dispose();
        }
        uploads.Dispose();
    }

    private void Prepare(Batch next, long first)
    {
        var (ready, free) = (next.Ready, next.Free);
        next.First = first;
        next.Ready = Task.Run(async () =>
        {
            await ready.ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false); // a batch that nobody took
            using (backend.Profile?.Begin("cut patches"))
                Cut(next, first);
            await free.ConfigureAwait(false); // the device still reads the batch that was there
            using var sending = backend.Profile?.Begin("send patches");
            next.Input.Send(batch * inputLength);
            next.Target.Send(batch * targetLength);
            uploads.Synchronize();
        });
    }

    private void Cut(Batch next, long first)
    {
        try
        {
            Parallel.For(0, batch, i => sampler.Cut(first + i, next.Input.Values.Slice(i * inputLength, inputLength), next.Target.Values.Slice(i * targetLength, targetLength)));
        }
        catch (AggregateException e)
        {
            throw e.InnerExceptions[0];
        }
    }

    private sealed class Batch(StagedTensor input, StagedTensor target)
    {
        public StagedTensor Input => input;

        public StagedTensor Target => target;

        /// <summary>Its first sample.</summary>
        public long First { get; set; } = None;

        /// <summary>It is on the device.</summary>
        public Task Ready { get; set; } = Task.CompletedTask;

        /// <summary>The device no longer reads it.</summary>
        public Task Free { get; set; } = Task.CompletedTask;
    }
}
