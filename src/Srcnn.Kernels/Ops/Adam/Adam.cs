namespace Srcnn.Kernels;

/// <summary>One step of Adam (arXiv:1412.6980). <paramref name="Step"/> counts from 1.</summary>
public readonly record struct AdamStep(float LearningRate, float Beta1, float Beta2, float Epsilon, int Step)
{
    /// <summary>1/(1−β₁ᵗ), which undoes the bias of the first moment towards its zero start.</summary>
    public float Correction1 => (float)(1 / (1 - Math.Pow(Beta1, Step)));

    /// <summary>1/(1−β₂ᵗ).</summary>
    public float Correction2 => (float)(1 / (1 - Math.Pow(Beta2, Step)));

    internal static void Check(Tensor values, Tensor grads, Tensor rates, Tensor moment1, Tensor moment2)
    {
        ShapeException.ThrowUnlessSameLength(grads, values, "adam: gradient");
        ShapeException.ThrowUnlessSameLength(rates, values, "adam: rates");
        ShapeException.ThrowUnlessSameLength(moment1, values, "adam: first moment");
        ShapeException.ThrowUnlessSameLength(moment2, values, "adam: second moment");
    }
}

public partial interface IBackend
{
    /// <summary>
    /// m = β₁m + (1−β₁)g; v = β₂v + (1−β₂)g²; values −= rate·rates·(m·Correction1)/(√(v·Correction2) + ε). All have the length of the
    /// flat parameter buffer; <paramref name="rates"/> multiplies the learning rate per element (0 freezes).
    /// </summary>
    void Adam(in AdamStep step, Tensor values, Tensor grads, Tensor rates, Tensor moment1, Tensor moment2);
}
