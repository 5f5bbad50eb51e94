using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void MseLoss(Tensor prediction, Tensor target, long elements, Tensor predictionGrad, Tensor loss)
    {
        MseReference.Check(prediction, target, elements, predictionGrad, loss);
        var groups = GroupSum.Groups(prediction.Shape.Length);
        var partial = Scratch("partial sums", groups);
        ForGroups(groups, GroupSum.Threads, new MseKernel(
            View(prediction), View(target), (float)(2.0 / elements), View(predictionGrad), partial));
        ForGroups(1, GroupSum.Threads, new GroupSumKernel(partial, groups, (float)(1.0 / elements), accumulate: 1, View(loss)));
    }
}

/// <summary>Threads stride over the elements side by side, writing the gradient; each group leaves one partial sum of squares.</summary>
internal readonly struct MseKernel(
    ArrayView<float> prediction, ArrayView<float> target, float factor, ArrayView<float> predictionGrad, ArrayView<float> partial) : IGroupKernel
{
    public void Execute()
    {
        var length = (int)prediction.Length;
        var sum = 0f;
        for (var i = Grid.IdxX * GroupSum.Threads + Group.IdxX; i < length; i += Grid.DimX * GroupSum.Threads)
        {
            var difference = prediction[i] - target[i];
            predictionGrad[i] = factor * difference;
            sum += difference * difference;
        }
        sum = GroupSum.Of(sum);
        if (Group.IdxX == 0) partial[Grid.IdxX] = sum;
    }
}
