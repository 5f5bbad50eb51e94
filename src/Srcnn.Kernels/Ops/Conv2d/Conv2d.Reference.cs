using System.Numerics;

namespace Srcnn.Kernels;

/// <summary>Convolution as its formula says it, in any number type.</summary>
internal static class Conv2dReference<T>
    where T : INumber<T>
{
    public static void Forward(in Conv2dGeometry g, View<T> input, View<T> weight, View<T> bias, bool relu, ReadOnlySpan<T> slopes, View<T> output)
    {
        for (var n = 0; n < output.Shape.N; n++)
        for (var y = 0; y < output.Shape.H; y++)
        for (var x = 0; x < output.Shape.W; x++)
        for (var k = 0; k < g.OutChannels; k++)
        {
            var sum = bias[k];
            for (var r = 0; r < g.KernelSize; r++)
            for (var s = 0; s < g.KernelSize; s++)
            {
                if (!Source(g, input.Shape, y, x, r, s, out var iy, out var ix)) continue;
                for (var c = 0; c < g.InChannels; c++) sum += weight[r, s, c, k] * input[n, iy, ix, c];
            }
            if (!(sum > T.Zero) && !slopes.IsEmpty) sum *= slopes[k % slopes.Length];
            output[n, y, x, k] = relu && !(sum > T.Zero) && !T.IsNaN(sum) ? T.Zero : sum;
        }
    }

    public static void Flip(in Conv2dGeometry g, View<T> weight, View<T> flipped)
    {
        var last = g.KernelSize - 1;
        for (var r = 0; r < g.KernelSize; r++)
        for (var s = 0; s < g.KernelSize; s++)
        for (var k = 0; k < g.OutChannels; k++)
        for (var c = 0; c < g.InChannels; c++)
            flipped[r, s, k, c] = weight[last - r, last - s, c, k];
    }

    // Scatters instead of gathering: every use of an input pixel in the forward pass sends its gradient back, border pixels that were replicated included.
    public static void BackwardInput(in Conv2dGeometry g, View<T> outputGrad, View<T> flipped, View<T> mask, bool masked, View<T> inputGrad)
    {
        var last = g.KernelSize - 1;
        for (var i = 0; i < inputGrad.Shape.Length; i++) inputGrad[i] = T.Zero;
        for (var n = 0; n < outputGrad.Shape.N; n++)
        for (var y = 0; y < outputGrad.Shape.H; y++)
        for (var x = 0; x < outputGrad.Shape.W; x++)
        for (var r = 0; r < g.KernelSize; r++)
        for (var s = 0; s < g.KernelSize; s++)
        {
            if (!Source(g, inputGrad.Shape, y, x, r, s, out var iy, out var ix)) continue;
            for (var k = 0; k < g.OutChannels; k++)
            for (var c = 0; c < g.InChannels; c++)
                inputGrad[n, iy, ix, c] += flipped[last - r, last - s, k, c] * outputGrad[n, y, x, k];
        }
        if (!masked) return;
        for (var i = 0; i < inputGrad.Shape.Length; i++)
            if (!(mask[i] > T.Zero)) inputGrad[i] = T.Zero;
    }

    public static void BackwardWeight(in Conv2dGeometry g, View<T> input, View<T> outputGrad, View<T> weightGrad, View<T> biasGrad)
    {
        for (var n = 0; n < outputGrad.Shape.N; n++)
        for (var y = 0; y < outputGrad.Shape.H; y++)
        for (var x = 0; x < outputGrad.Shape.W; x++)
        {
            for (var k = 0; k < g.OutChannels; k++) biasGrad[k] += outputGrad[n, y, x, k];
            for (var r = 0; r < g.KernelSize; r++)
            for (var s = 0; s < g.KernelSize; s++)
            {
                if (!Source(g, input.Shape, y, x, r, s, out var iy, out var ix)) continue;
                for (var c = 0; c < g.InChannels; c++)
                for (var k = 0; k < g.OutChannels; k++)
                    weightGrad[r, s, c, k] += input[n, iy, ix, c] * outputGrad[n, y, x, k];
            }
        }
    }

    /// <summary>The input pixel that output (y, x) reads at tap (r, s); false where it reads a padding zero.</summary>
    private static bool Source(in Conv2dGeometry g, Shape input, int y, int x, int r, int s, out int iy, out int ix)
    {
        iy = y * g.Stride + r - g.Padding.Top;
        ix = x * g.Stride + s - g.Padding.Left;
        if (g.Padding.Mode != PaddingMode.Replicate) return input.Contains(iy, ix);
        iy = Math.Clamp(iy, 0, input.H - 1);
        ix = Math.Clamp(ix, 0, input.W - 1);
        return true;
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Conv2dForward(in Conv2dGeometry geometry, Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output)
    {
        geometry.CheckForward(input, weight, bias, activation, output);
        var slopes = activation.Slope is { } slope ? Elements(slope) : [];
        Conv2dReference<double>.Forward(geometry, View(input), View(weight), View(bias), activation.IsRelu, slopes, View(output));
    }

    /// <inheritdoc/>
    public void Conv2dFlip(in Conv2dGeometry geometry, Tensor weight, Tensor flipped)
    {
        geometry.CheckFlip(weight, flipped);
        Conv2dReference<double>.Flip(geometry, View(weight), View(flipped));
    }

    /// <inheritdoc/>
    public void Conv2dBackwardInput(in Conv2dGeometry geometry, Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad)
    {
        geometry.CheckBackwardInput(outputGrad, flippedWeight, mask, inputGrad);
        Conv2dReference<double>.BackwardInput(geometry, View(outputGrad), View(flippedWeight), View(mask ?? inputGrad), mask is not null, View(inputGrad));
    }

    /// <inheritdoc/>
    public void Conv2dBackwardWeight(in Conv2dGeometry geometry, Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.CheckBackwardWeight(input, outputGrad, weightGrad, biasGrad);
        Conv2dReference<double>.BackwardWeight(geometry, View(input), View(outputGrad), View(weightGrad), View(biasGrad));
    }
}
