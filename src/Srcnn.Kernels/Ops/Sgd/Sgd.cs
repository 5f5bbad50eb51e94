using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

/// <summary>One step of stochastic gradient descent with momentum.</summary>
public readonly record struct SgdStep(float LearningRate, float Momentum, float WeightDecay = 0)
{
    internal static void Check(Tensor values, Tensor grads, Tensor rates, Tensor velocity)
    {
        ShapeException.ThrowUnlessSameLength(grads, values, "sgd: gradient");
        ShapeException.ThrowUnlessSameLength(rates, values, "sgd: rates");
        ShapeException.ThrowUnlessSameLength(velocity, values, "sgd: velocity");
    }
}

public partial interface IBackend
{
    /// <summary>
    /// velocity = momentum·velocity + grads + decay·values; values −= rate·rates·velocity. All have the length of the flat parameter
    /// buffer; <paramref name="rates"/> multiplies the learning rate per element (0 freezes).
    /// </summary>
    void Sgd(in SgdStep step, Tensor values, Tensor grads, Tensor rates, Tensor velocity);
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Sgd(in SgdStep step, Tensor values, Tensor grads, Tensor rates, Tensor velocity)
    {
        SgdStep.Check(values, grads, rates, velocity);
        Span<double> w = Elements(values), g = Elements(grads), r = Elements(rates), v = Elements(velocity);
        for (var i = 0; i < w.Length; i++)
        {
            v[i] = step.Momentum * v[i] + g[i] + step.WeightDecay * w[i];
            w[i] -= step.LearningRate * r[i] * v[i];
        }
    }
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void Sgd(in SgdStep step, Tensor values, Tensor grads, Tensor rates, Tensor velocity)
    {
        SgdStep.Check(values, grads, rates, velocity);
        Span<float> w = Elements(values), g = Elements(grads), r = Elements(rates), v = Elements(velocity);
        var i = 0;
        for (; i <= w.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(w[i..]);
            var speed = step.Momentum * new Vector<float>(v[i..]) + new Vector<float>(g[i..]) + step.WeightDecay * value;
            speed.CopyTo(v[i..]);
            (value - step.LearningRate * new Vector<float>(r[i..]) * speed).CopyTo(w[i..]);
        }
        for (; i < w.Length; i++)
        {
            v[i] = step.Momentum * v[i] + g[i] + step.WeightDecay * w[i];
            w[i] -= step.LearningRate * r[i] * v[i];
        }
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Sgd(in SgdStep step, Tensor values, Tensor grads, Tensor rates, Tensor velocity)
    {
        SgdStep.Check(values, grads, rates, velocity);
        For(values.Shape.Length, new SgdKernel(step, View(values), View(grads), View(rates), View(velocity)));
    }
}

internal readonly struct SgdKernel(
    SgdStep step, ArrayView<float> values, ArrayView<float> grads, ArrayView<float> rates, ArrayView<float> velocity) : IKernel
{
    public void Execute(Index1D i)
    {
        var speed = step.Momentum * velocity[i] + grads[i] + step.WeightDecay * values[i];
        velocity[i] = speed;
        values[i] -= step.LearningRate * rates[i] * speed;
    }
}
