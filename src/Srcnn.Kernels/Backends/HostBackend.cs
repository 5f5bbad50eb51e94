using System.Runtime.InteropServices;

namespace Srcnn.Kernels;

/// <summary>Managed SIMD on all cores: the fast path where there is no GPU, and the honest CPU side of every comparison. An op is single-threaded; shards run in parallel.</summary>
public sealed unsafe partial class HostBackend : IBackend
{
    private const int MaxShards = 32;

    /// <summary>Opens the backend with <paramref name="threads"/> workers; 0 takes every core.</summary>
    public HostBackend(int threads = 0) => Workers = threads > 0 ? threads : Environment.ProcessorCount;

    /// <inheritdoc/>
    public string Name => "host";

    /// <inheritdoc/>
    public string Description => $"{Simd.Name}, {Workers} thread{(Workers == 1 ? "" : "s")}";

    /// <inheritdoc/>
    public bool IsDevice => false;

    /// <inheritdoc/>
    public int Workers { get; }

    /// <summary>How convolutions of samples in memory are computed, as in training; streamed pictures choose for themselves.</summary>
    public Algorithm Algorithm { get; init; } = Algorithm.Auto;

    /// <inheritdoc/>
    public int MicroBatch => 1;

    /// <inheritdoc/>
    public Profile? Profile { get; init; }

    /// <inheritdoc/>
    public IBackend OpenStream() => new HostBackend(Workers) { Algorithm = Algorithm, Profile = Profile };

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape) => new HostTensor(shape);

    /// <inheritdoc/>
    public StagedTensor Stage(Shape shape) => new StagedHostTensor(shape);

    /// <inheritdoc/>
    public void Synchronize() { }

    /// <inheritdoc/>
    public Task WhenDone() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Trim() { }

    /// <inheritdoc/>
    public int Shards(int batch) => Math.Min(batch, MaxShards);

    /// <inheritdoc/>
    public void ForEachShard(int count, Action<int, int> body) => Workforce.Run(Workers, count, body);

    /// <inheritdoc/>
    public void Dispose() { }

    /// <summary>The elements of a tensor allocated by this backend.</summary>
    internal static Span<float> Elements(Tensor tensor) => new(Pointer(tensor), tensor.Shape.Length);

    /// <summary>The first element; vectors may be read up to 64 bytes past the last one.</summary>
    internal static float* Pointer(Tensor tensor) =>
        tensor is HostTensor host ? host.Pointer : throw new ArgumentException($"a tensor of {tensor.Shape} does not live on host");

    private sealed class StagedHostTensor(Shape shape) : StagedTensor
    {
        public override Tensor Tensor { get; } = new HostTensor(shape);

        public override Span<float> Values => Elements(Tensor);

        public override void Send(int count) { }

        public override void Dispose() => Tensor.Dispose();
    }

    private sealed class HostTensor : Tensor
    {
        /// <summary>Readable bytes behind the last element, so that kernels may load a whole vector at the tail.</summary>
        private const int Slack = 64;

        private readonly HostTensor owner;
        private float* first;

        public HostTensor(Shape shape)
            : base(shape)
        {
            var bytes = ((nuint)shape.Length * sizeof(float)) + Slack;
            first = (float*)NativeMemory.AlignedAlloc(bytes, 64);
            NativeMemory.Clear(first, bytes);
            owner = this;
        }

        private HostTensor(HostTensor owner, float* first, Shape shape)
            : base(shape)
        {
            this.owner = owner;
            this.first = first;
        }

        /// <exception cref="ObjectDisposedException">The tensor, or the one it is a window of, is gone.</exception>
        public float* Pointer => owner.first != null ? first : throw new ObjectDisposedException($"host tensor of {Shape}");

        public override void CopyFrom(ReadOnlySpan<float> source)
        {
            CheckLength(source.Length);
            source.CopyTo(Elements(this));
        }

        public override void CopyTo(Span<float> destination)
        {
            CheckLength(destination.Length);
            Elements(this).CopyTo(destination);
        }

        public override Tensor Slice(int offset, Shape shape)
        {
            if (offset < 0 || offset + (long)shape.Length > Shape.Length)
                throw new ArgumentOutOfRangeException(nameof(offset), $"a window of {shape} at {offset} leaves the tensor of {Shape}");
            return new HostTensor(owner, Pointer + offset, shape);
        }

        public override void Dispose()
        {
            if (owner != this) return;
            NativeMemory.AlignedFree(first);
            first = null;
        }
    }
}
