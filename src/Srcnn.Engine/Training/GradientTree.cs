using Srcnn.Kernels;

namespace Srcnn.Engine.Training;

/// <summary>
/// Sums the gradients of a batch's shards along a fixed binary tree: neighbours first, the left one plus the right one, and so on up. So the bits do not
/// depend on who is done when, and only as many buffers live at once as there are workers and levels.
/// </summary>
/// <param name="parameters">Whose gradients.</param>
/// <param name="shards">Leaves.</param>
internal sealed class GradientTree(ParameterStore parameters, int shards) : IDisposable
{
    private readonly Lock turn = new();
    private readonly List<Tensor> buffers = [];
    private readonly Stack<Tensor> free = [];
    private readonly Dictionary<(int Level, int Index), Tensor> waiting = [];
    private Tensor? total;

    /// <summary>The sum over all shards, once all have been added; until the next <see cref="Start"/>.</summary>
    public Tensor Total => total ?? throw new InvalidOperationException("not all shards have been added");

    /// <summary>Buffers that were needed at once.</summary>
    public int Buffers => buffers.Count;

    /// <summary>Forgets everything.</summary>
    public void Start()
    {
        total = null;
        waiting.Clear();
        free.Clear();
        foreach (var buffer in buffers) free.Push(buffer);
    }

    /// <summary>A buffer of zeros for a shard's gradients. Many threads may ask at once.</summary>
    public Tensor Rent()
    {
        Tensor? buffer;
        lock (turn)
        {
            if (!free.TryPop(out buffer)) buffers.Add(buffer = parameters.Backend.Allocate(parameters.Values.Shape));
        }
        parameters.Backend.Fill(buffer, 0);
        return buffer;
    }

    /// <summary>Takes a shard's gradients, and adds up what is complete. Many threads may come at once.</summary>
    public void Add(int shard, Tensor gradients)
    {
        var (level, index, nodes) = (0, shard, shards);
        for (; nodes > 1; (level, index, nodes) = (level + 1, index / 2, (nodes + 1) / 2))
        {
            if ((index ^ 1) >= nodes) continue; // the last of an odd number goes up alone
            Tensor? other;
            lock (turn)
            {
                if (!waiting.Remove((level, index ^ 1), out other))
                {
                    waiting.Add((level, index), gradients);
                    return;
                }
            }
            var (left, right) = index % 2 == 0 ? (gradients, other) : (other, gradients);
            parameters.Backend.AddScaled(right, 1, left);
            gradients = left;
            lock (turn) free.Push(right);
        }
        total = gradients;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in buffers) buffer.Dispose();
    }
}
