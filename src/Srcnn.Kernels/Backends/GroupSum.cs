using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// Sums in two stages without atomics: groups leave one partial sum each, one more group adds those. The order is fixed by the length
/// alone, so the bits repeat. (Atomics and ILGPU's own reductions fail on some OpenCL devices.)
/// </summary>
internal static class GroupSum
{
    /// <summary>Threads per group; a power of two, and what the tree below assumes.</summary>
    public const int Threads = 256;

    /// <summary>Groups of the first stage: enough to fill a large GPU, few enough for one group to finish.</summary>
    public static int Groups(int length) => Math.Clamp((length + 8 * Threads - 1) / (8 * Threads), 1, Threads);

    /// <summary>The sum of <paramref name="value"/> over the threads of the group, valid in thread 0. Every thread must call it.</summary>
    public static float Of(float value)
    {
        var shared = SharedMemory.Allocate<float>(Threads);
        var thread = Group.IdxX;
        shared[thread] = value;
        Group.Barrier();
        for (var half = Threads / 2; half > 0; half /= 2)
        {
            if (thread < half) shared[thread] += shared[thread + half];
            Group.Barrier();
        }
        return shared[0];
    }
}

/// <summary>One group: result[0] = (accumulate ? result[0] : 0) + factor·Σ partial.</summary>
internal readonly struct GroupSumKernel(ArrayView<float> partial, int count, float factor, int accumulate, ArrayView<float> result) : IGroupKernel
{
    public void Execute()
    {
        var sum = GroupSum.Of(Group.IdxX < count ? partial[Group.IdxX] : 0f);
        if (Group.IdxX != 0) return;
        if (accumulate != 0) result[0] += factor * sum;
        else result[0] = factor * sum;
    }
}
