namespace Srcnn.Kernels;

public sealed unsafe partial class HostBackend
{
    [ThreadStatic]
    private static Scratch? paddedScratch, packedScratch, foldScratch;

    /// <inheritdoc/>
    public void Conv2dForward(in Conv2dGeometry geometry, Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output)
    {
        geometry.CheckForward(input, weight, bias, activation, output);
        var g = geometry;
        var packed = Dot.Suits(g.OutChannels) ? Dot.Pack(g, Pointer(weight), packedScratch ??= new()) : null;
        var winograd = Conv2dAlgorithms.Sample(g, output.Shape, Algorithm);
        Shape inside = input.Shape with { N = 1 }, outside = output.Shape;
        var y = Pointer(output);
        for (var n = 0; n < outside.N; n++, y += outside.Sample)
        {
            var padded = g.Padding.Around(inside);
            var x = Pointer(input) + ((long)n * inside.Sample);
            if (winograd is not null)
            {
                winograd.Forward(Surrounded(x, inside, g.Padding), Pointer(weight), new(Pointer(bias), activation), y, outside);
                continue;
            }
            if (!g.Padding.IsNone) x = Borders.Pad(x, inside, g.Padding, (paddedScratch ??= new()).Rent(padded.Length));
            Conv2dRows.Forward(g, x, padded, packed, Pointer(weight), Pointer(bias), activation, mask: null, y, outside.H, outside.W);
        }
    }

    /// <inheritdoc/>
    public void Conv2dFlip(in Conv2dGeometry geometry, Tensor weight, Tensor flipped)
    {
        geometry.CheckFlip(weight, flipped);
        int taps = geometry.KernelSize * geometry.KernelSize, inChannels = geometry.InChannels, outChannels = geometry.OutChannels;
        float* from = Pointer(weight), to = Pointer(flipped) + ((long)(taps - 1) * inChannels * outChannels);
        for (var tap = 0; tap < taps; tap++, from += inChannels * outChannels, to -= inChannels * outChannels)
        for (var k = 0; k < outChannels; k++)
        for (var c = 0; c < inChannels; c++)
            to[(k * inChannels) + c] = from[(c * outChannels) + k];
    }

    /// <inheritdoc/>
    public void Conv2dBackwardInput(in Conv2dGeometry geometry, Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad)
    {
        geometry.CheckBackwardInput(outputGrad, flippedWeight, mask, inputGrad);
        var g = geometry;
        var last = g.KernelSize - 1;
        // The gradient of the padded picture is a plain convolution of the widened output gradient with the flipped weights. Zeros
        // that padding added need no gradient, so only the picture itself is computed; a replicated border is computed and folded back.
        var fold = g.Padding.Mode == PaddingMode.Replicate && !g.Padding.IsNone;
        Shape sample = inputGrad.Shape with { N = 1 }, target = fold ? g.Padding.Around(sample) : sample;
        var (top, left) = fold ? (0, 0) : (g.Padding.Top, g.Padding.Left);
        var flippedGeometry = new Conv2dGeometry(g.OutChannels, g.InChannels, g.KernelSize);
        Shape gradShape = outputGrad.Shape with { N = 1 }, wide = new(1, target.H + last, target.W + last, g.OutChannels);
        var copy = g.KernelSize > 1 || g.Stride > 1 || !g.Padding.IsNone;
        var packed = Dot.Suits(g.InChannels) ? Dot.Pack(flippedGeometry, Pointer(flippedWeight), packedScratch ??= new()) : null;
        var winograd = Conv2dAlgorithms.Sample(g with { InChannels = g.OutChannels, OutChannels = g.InChannels }, target, Algorithm);

        for (var n = 0; n < inputGrad.Shape.N; n++)
        {
            var dy = Pointer(outputGrad) + ((long)n * gradShape.Sample);
            var dx = Pointer(inputGrad) + ((long)n * sample.Sample);
            var m = mask is null ? null : Pointer(mask) + ((long)n * sample.Sample);
            var result = fold ? (foldScratch ??= new()).Rent(target.Length) : dx;
            var fusedMask = fold || packed != null ? null : m;
            if (winograd is not null)
            {
                winograd.Forward(new(dy, gradShape, last - top, last - left), Pointer(flippedWeight), new(bias: null, mask: fusedMask), result, target);
            }
            else
            {
                if (copy) dy = Borders.Widen(dy, gradShape, g.Stride, last - top, last - left, wide, (paddedScratch ??= new()).Rent(wide.Length));
                Conv2dRows.Forward(flippedGeometry, dy, copy ? wide : gradShape, packed, Pointer(flippedWeight), bias: null, Activation.None, fusedMask, result, target.H, target.W);
            }
            if (fold) Borders.Fold(result, target, g.Padding, dx, sample);
            if (m != null && fusedMask == null) Borders.Mask(m, dx, sample.Length);
        }
    }

    /// <inheritdoc/>
    public void Conv2dBackwardWeight(in Conv2dGeometry geometry, Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.CheckBackwardWeight(input, outputGrad, weightGrad, biasGrad);
        var g = geometry;
        Shape inside = input.Shape with { N = 1 }, padded = g.Padding.Around(inside), gradShape = outputGrad.Shape with { N = 1 };
        var winograd = Conv2dAlgorithms.Sample(g, gradShape, Algorithm);
        for (var n = 0; n < input.Shape.N; n++)
        {
            var x = Pointer(input) + ((long)n * inside.Sample);
            var dy = Pointer(outputGrad) + ((long)n * gradShape.Sample);
            Conv2dRows.BackwardBias(dy, gradShape, Pointer(biasGrad));
            if (winograd is not null)
            {
                winograd.BackwardWeight(Surrounded(x, inside, g.Padding), dy, gradShape, Pointer(weightGrad));
                continue;
            }
            if (!g.Padding.IsNone) x = Borders.Pad(x, inside, g.Padding, (paddedScratch ??= new()).Rent(padded.Length));
            if (g.OutChannels == 1 && g.Stride == 1)
            {
                var wide = gradShape with { W = gradShape.W + (2 * (g.KernelSize - 1)) };
                var widened = Borders.Widen(dy, gradShape, 1, 0, g.KernelSize - 1, wide, (foldScratch ??= new()).Rent(wide.Length));
                Conv2dRows.BackwardWeightOfOneChannel(g, x, padded, widened, wide, Pointer(weightGrad));
            }
            else
            {
                Conv2dRows.BackwardWeight(g, x, padded, dy, gradShape, Pointer(weightGrad));
            }
        }
    }

    /// <summary>The sample as it stands, with its zero padding only thought of; a replicated border is copied around it.</summary>
    private static ZeroPlane Surrounded(float* sample, Shape shape, in Padding padding) => padding.Mode == PaddingMode.Zero || padding.IsNone
        ? new(sample, shape, padding.Top, padding.Left)
        : new(Borders.Pad(sample, shape, padding, (paddedScratch ??= new()).Rent(padding.Around(shape).Length)), padding.Around(shape), 0, 0);
}
