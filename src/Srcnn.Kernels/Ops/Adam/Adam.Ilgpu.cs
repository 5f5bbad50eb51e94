using ILGPU;

namespace Srcnn.Kernels;

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Adam(in AdamStep step, Tensor values, Tensor grads, Tensor rates, Tensor moment1, Tensor moment2)
    {
        AdamStep.Check(values, grads, rates, moment1, moment2);
        For(values.Shape.Length, new AdamKernel(
            step, step.Correction1, step.Correction2, View(values), View(grads), View(rates), View(moment1), View(moment2)));
    }
}

/// <summary>One thread per parameter. The corrections arrive computed: they need powers in double.</summary>
internal readonly struct AdamKernel(
    AdamStep step,
    float correction1,
    float correction2,
    ArrayView<float> values,
    ArrayView<float> grads,
    ArrayView<float> rates,
    ArrayView<float> moment1,
    ArrayView<float> moment2) : IKernel
{
    public void Execute(Index1D i)
    {
        var grad = grads[i];
        var mean = step.Beta1 * moment1[i] + (1 - step.Beta1) * grad;
        var square = step.Beta2 * moment2[i] + (1 - step.Beta2) * grad * grad;
        moment1[i] = mean;
        moment2[i] = square;
        values[i] -= step.LearningRate * rates[i] * (mean * correction1) / (MathF.Sqrt(square * correction2) + step.Epsilon);
    }
}
