namespace Srcnn.Kernels;

/// <summary>A place where tensors live and ops run. Each op adds its own part of this interface in its own folder, so the compiler refuses a backend that lacks an op.</summary>
public partial interface IBackend : IDisposable
{
    /// <summary>The name that <see cref="Backend.Open"/> takes: "reference", "host", "opencl:0", …</summary>
    string Name { get; }

    /// <summary>The device in words: "AVX-512, 2 threads", "NVIDIA H100".</summary>
    string Description { get; }

    /// <summary>Whether it computes apart from the program: launches return before kernels have run, to read a tensor is to wait, and a driver may fail.</summary>
    bool IsDevice { get; }

    /// <summary>Where time is noted, or null.</summary>
    Profile? Profile { get; }

    /// <summary>
    /// Another stream of the same device, with scratch memory of its own: what is launched there runs beside what is launched here.
    /// Tensors may be used on both; who writes one here and reads it there waits in between. The caller disposes it before this one.
    /// </summary>
    IBackend OpenStream();

    /// <summary>Allocates a zero-filled tensor. The caller disposes it.</summary>
    Tensor Allocate(Shape shape);

    /// <summary>Allocates a zero-filled tensor that will be filled from host memory again and again. The caller disposes it.</summary>
    StagedTensor Stage(Shape shape);

    /// <summary>Waits until every kernel launched on this stream has finished.</summary>
    void Synchronize();

    /// <summary>The same for another thread, which need not keep this one from launching more.</summary>
    Task WhenDone();

    /// <summary>Gives back memory that ops keep for the next time; what tensors have stays.</summary>
    void Trim();

    /// <summary>
    /// Into how many shards a training batch is cut. A shard is a run of neighbouring samples with gradients of its own, which are summed
    /// along a fixed tree; the number depends on the batch alone, never on threads, so neither do the bits of the sum.
    /// </summary>
    int Shards(int batch);

    /// <summary>Runs <paramref name="body"/>(shard, worker) for every shard in [0, count); workers below <see cref="Workers"/> run at once, each on one shard at a time.</summary>
    void ForEachShard(int count, Action<int, int> body);

    /// <summary>Samples of a shard that go through the network at once: 1 keeps the activations of a sample in a core's cache; a device takes all it is given.</summary>
    int MicroBatch { get; }

    /// <summary>How many shards run at once.</summary>
    int Workers { get; }
}
