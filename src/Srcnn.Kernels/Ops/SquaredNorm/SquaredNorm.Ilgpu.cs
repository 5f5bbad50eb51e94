using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void SquaredNorm(Tensor tensor, Tensor result)
    {
        ShapeException.ThrowUnless(result.Shape, Shape.Vector(1), "squared norm: result");
        var groups = GroupSum.Groups(tensor.Shape.Length);
        var partial = Scratch("partial sums", groups);
        ForGroups(groups, GroupSum.Threads, new SquaredNormKernel(View(tensor), partial));
        ForGroups(1, GroupSum.Threads, new GroupSumKernel(partial, groups, factor: 1, accumulate: 0, View(result)));
    }
}

/// <summary>Threads stride over the tensor side by side; each group leaves one partial sum of squares.</summary>
internal readonly struct SquaredNormKernel(ArrayView<float> tensor, ArrayView<float> partial) : IGroupKernel
{
    public void Execute()
    {
        var length = (int)tensor.Length;
        var sum = 0f;
        for (var i = Grid.IdxX * GroupSum.Threads + Group.IdxX; i < length; i += Grid.DimX * GroupSum.Threads) sum += tensor[i] * tensor[i];
        sum = GroupSum.Of(sum);
        if (Group.IdxX == 0) partial[Grid.IdxX] = sum;
    }
}
