namespace Srcnn.Kernels;

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void PReluForward(Tensor input, Tensor slope, Tensor output)
    {
        PReluShapes.Check(input, slope, output);
        Span<double> x = Elements(input), a = Elements(slope), y = Elements(output);
        for (var i = 0; i < x.Length; i++) y[i] = x[i] > 0 ? x[i] : a[i % a.Length] * x[i];
    }

    /// <inheritdoc/>
    public void PReluBackward(Tensor input, Tensor slope, Tensor outputGrad, Tensor inputGrad, Tensor slopeGrad)
    {
        PReluShapes.Check(input, slope, outputGrad, inputGrad, slopeGrad);
        Span<double> x = Elements(input), a = Elements(slope), dy = Elements(outputGrad), dx = Elements(inputGrad), da = Elements(slopeGrad);
        for (var i = 0; i < x.Length; i++)
        {
            dx[i] = x[i] > 0 ? dy[i] : a[i % a.Length] * dy[i];
            if (!(x[i] > 0)) da[i % a.Length] += dy[i] * x[i];
        }
    }
}
