namespace Srcnn.Kernels;

/// <summary>Plain loops on double storage, no threads: the definition of every op, and the judge of the others.</summary>
public sealed partial class ReferenceBackend : IBackend
{
    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public string Description => "plain loops in double, 1 thread";

    /// <inheritdoc/>
    public bool IsDevice => false;

    /// <inheritdoc/>
    public int Workers => 1;

    /// <inheritdoc/>
    public int MicroBatch => int.MaxValue;

    /// <inheritdoc/>
    public Profile? Profile { get; init; }

    /// <inheritdoc/>
    public IBackend OpenStream() => new ReferenceBackend { Profile = Profile };

    /// <inheritdoc/>
    public Tensor Allocate(Shape shape) => new ReferenceTensor(new double[shape.Length], shape);

    /// <inheritdoc/>
    public StagedTensor Stage(Shape shape) => new StagedReferenceTensor(Allocate(shape));

    /// <inheritdoc/>
    public void Synchronize() { }

    /// <inheritdoc/>
    public Task WhenDone() => Task.CompletedTask;

    /// <inheritdoc/>
    public void Trim() { }

    /// <inheritdoc/>
    public int Shards(int batch) => 1;

    /// <inheritdoc/>
    public void ForEachShard(int count, Action<int, int> body)
    {
        for (var shard = 0; shard < count; shard++) body(shard, 0);
    }

    /// <inheritdoc/>
    public void Dispose() { }

    internal static View<double> View(Tensor tensor) => new(Elements(tensor), tensor.Shape);

    /// <summary>The elements of a tensor allocated by this backend.</summary>
    internal static Span<double> Elements(Tensor tensor) => ((ReferenceTensor)tensor).Elements.Span;

    private sealed class StagedReferenceTensor(Tensor tensor) : StagedTensor
    {
        private readonly float[] values = new float[tensor.Shape.Length];

        public override Tensor Tensor => tensor;

        public override Span<float> Values => values;

        public override void Send(int count) => tensor.Slice(0, Shape.Vector(count)).CopyFrom(values.AsSpan(0, count));

        public override void Dispose() => tensor.Dispose();
    }

    private sealed class ReferenceTensor(Memory<double> elements, Shape shape) : Tensor(shape)
    {
        public Memory<double> Elements => elements;

        public override void CopyFrom(ReadOnlySpan<float> source)
        {
            CheckLength(source.Length);
            for (var i = 0; i < source.Length; i++) elements.Span[i] = source[i];
        }

        public override void CopyTo(Span<float> destination)
        {
            CheckLength(destination.Length);
            for (var i = 0; i < destination.Length; i++) destination[i] = (float)elements.Span[i];
        }

        public override Tensor Slice(int offset, Shape shape) => new ReferenceTensor(elements.Slice(offset, shape.Length), shape);

        public override void Dispose() { }
    }
}
