namespace Srcnn.Kernels;

/// <summary>What the backends check alike.</summary>
internal static class MseReference
{
    public static void Check(Tensor prediction, Tensor target, long elements, Tensor predictionGrad, Tensor loss)
    {
        ShapeException.ThrowUnless(target.Shape, prediction.Shape, "mse: target");
        ShapeException.ThrowUnless(predictionGrad.Shape, prediction.Shape, "mse: prediction gradient");
        ShapeException.ThrowUnless(loss.Shape, Shape.Vector(1), "mse: loss");
        ArgumentOutOfRangeException.ThrowIfLessThan(elements, 1);
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void MseLoss(Tensor prediction, Tensor target, long elements, Tensor predictionGrad, Tensor loss)
    {
        MseReference.Check(prediction, target, elements, predictionGrad, loss);
        Span<double> y = Elements(prediction), t = Elements(target), dy = Elements(predictionGrad);
        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            var difference = y[i] - t[i];
            sum += difference * difference;
            dy[i] = 2 * difference / elements;
        }
        Elements(loss)[0] += sum / elements;
    }
}
