namespace Srcnn.Kernels;

/// <summary>One step of stochastic gradient descent with momentum.</summary>
public readonly record struct SgdStep(float LearningRate, float Momentum, float WeightDecay = 0);

public partial interface IBackend
{
    /// <summary>
    /// velocity = momentum·velocity + grads + decay·values; values −= rate·rates·velocity. All have the length of the flat parameter
    /// buffer; <paramref name="rates"/> multiplies the learning rate per element (0 freezes).
    /// </summary>
    void Sgd(in SgdStep step, Tensor values, Tensor grads, Tensor rates, Tensor velocity);
}
