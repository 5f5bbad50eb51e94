using System.Numerics;

namespace Srcnn.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void Adam(in AdamStep step, Tensor values, Tensor grads, Tensor rates, Tensor moment1, Tensor moment2)
    {
        AdamStep.Check(values, grads, rates, moment1, moment2);
        Span<float> w = Elements(values), g = Elements(grads), r = Elements(rates), m = Elements(moment1), v = Elements(moment2);
        var (correction1, correction2) = (step.Correction1, step.Correction2);
        var i = 0;
        for (; i <= w.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var grad = new Vector<float>(g[i..]);
            var mean = step.Beta1 * new Vector<float>(m[i..]) + (1 - step.Beta1) * grad;
            var square = step.Beta2 * new Vector<float>(v[i..]) + (1 - step.Beta2) * grad * grad;
            mean.CopyTo(m[i..]);
            square.CopyTo(v[i..]);
            var rate = step.LearningRate * new Vector<float>(r[i..]);
            var root = Vector.SquareRoot(square * correction2) + new Vector<float>(step.Epsilon);
            (new Vector<float>(w[i..]) - rate * (mean * correction1) / root).CopyTo(w[i..]);
        }
        for (; i < w.Length; i++)
        {
            m[i] = step.Beta1 * m[i] + (1 - step.Beta1) * g[i];
            v[i] = step.Beta2 * v[i] + (1 - step.Beta2) * g[i] * g[i];
            w[i] -= step.LearningRate * r[i] * (m[i] * correction1) / (MathF.Sqrt(v[i] * correction2) + step.Epsilon);
        }
    }
}
