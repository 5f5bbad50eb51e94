using System.Numerics;

namespace Srcnn.Kernels;

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void MseLoss(Tensor prediction, Tensor target, long elements, Tensor predictionGrad, Tensor loss)
    {
        MseReference.Check(prediction, target, elements, predictionGrad, loss);
        Span<float> y = Elements(prediction), t = Elements(target), dy = Elements(predictionGrad);
        var factor = (float)(2.0 / elements);
        var sum = 0.0;
        for (var from = 0; from < y.Length; from += SumBlock)
        {
            var to = Math.Min(from + SumBlock, y.Length);
            sum += MseBlock(y[from..to], t[from..to], factor, dy[from..to]);
        }
        Elements(loss)[0] += (float)(sum / elements);
    }

    /// <summary>predictionGrad = factor·(prediction − target); returns Σ(prediction − target)².</summary>
    private static float MseBlock(ReadOnlySpan<float> prediction, ReadOnlySpan<float> target, float factor, Span<float> predictionGrad)
    {
        var lanes = Vector<float>.Zero;
        var i = 0;
        for (; i <= prediction.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var difference = new Vector<float>(prediction[i..]) - new Vector<float>(target[i..]);
            lanes += difference * difference;
            (factor * difference).CopyTo(predictionGrad[i..]);
        }
        var sum = Vector.Sum(lanes);
        for (; i < prediction.Length; i++)
        {
            var difference = prediction[i] - target[i];
            sum += difference * difference;
            predictionGrad[i] = factor * difference;
        }
        return sum;
    }
}
