namespace Srcnn.Kernels;

public sealed unsafe partial class HostBackend
{
    private static View<float> View(Tensor tensor) => new(Elements(tensor), tensor.Shape);

    /// <inheritdoc/>
    public void Conv2dForward(in Conv2dGeometry geometry, Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output)
    {
        geometry.CheckForward(input, weight, bias, output);
        Conv2dReference<float>.Forward(geometry, View(input), View(weight), View(bias), activation, View(output));
    }

    /// <inheritdoc/>
    public void Conv2dFlip(in Conv2dGeometry geometry, Tensor weight, Tensor flipped) =>
        Conv2dReference<float>.Flip(geometry, View(weight), View(flipped));

    /// <inheritdoc/>
    public void Conv2dBackwardInput(in Conv2dGeometry geometry, Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad)
    {
        geometry.CheckBackwardInput(outputGrad, flippedWeight, mask, inputGrad);
        Conv2dReference<float>.BackwardInput(geometry, View(outputGrad), View(flippedWeight), View(mask ?? inputGrad), mask is not null, View(inputGrad));
    }

    /// <inheritdoc/>
    public void Conv2dBackwardWeight(in Conv2dGeometry geometry, Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.CheckBackwardWeight(input, outputGrad, weightGrad, biasGrad);
        Conv2dReference<float>.BackwardWeight(geometry, View(input), View(outputGrad), View(weightGrad), View(biasGrad));
    }
}
