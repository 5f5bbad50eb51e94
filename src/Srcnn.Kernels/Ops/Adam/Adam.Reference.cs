namespace Srcnn.Kernels;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Adam(in AdamStep step, Tensor values, Tensor grads, Tensor rates, Tensor moment1, Tensor moment2)
    {
        AdamStep.Check(values, grads, rates, moment1, moment2);
        Span<double> w = Elements(values), g = Elements(grads), r = Elements(rates), m = Elements(moment1), v = Elements(moment2);
        for (var i = 0; i < w.Length; i++)
        {
            m[i] = step.Beta1 * m[i] + (1 - step.Beta1) * g[i];
            v[i] = step.Beta2 * v[i] + (1 - step.Beta2) * g[i] * g[i];
            w[i] -= step.LearningRate * r[i] * (m[i] * step.Correction1) / (Math.Sqrt(v[i] * step.Correction2) + step.Epsilon);
        }
    }
}
