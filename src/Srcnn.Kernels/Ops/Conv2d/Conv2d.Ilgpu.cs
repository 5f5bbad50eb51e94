using ILGPU;
using Lanes4 = Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Lane>>;
using Lanes8 = Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Lane>>>;
using Lanes16 = Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Lane>>>>;
using Lanes32 = Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Pair<Srcnn.Kernels.Lane>>>>>;

namespace Srcnn.Kernels;

/// <summary>What happens to a convolution's sum before it is stored.</summary>
internal enum Conv2dEpilogue
{
    None,
    Relu,
    PRelu,
    Mask,
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Conv2dForward(in Conv2dGeometry geometry, Tensor input, Tensor weight, Tensor bias, Activation activation, Tensor output)
    {
        geometry.CheckForward(input, weight, bias, activation, output);
        var padded = Pad(geometry.Padding, input);
        var epilogue = activation.IsRelu ? Conv2dEpilogue.Relu : activation.Slope is null ? Conv2dEpilogue.None : Conv2dEpilogue.PRelu;
        var slopes = activation.Slope is { } slope ? Slopes(slope, geometry.OutChannels) : View(output);
        Convolve(geometry, padded, View(weight), View(bias), epilogue, slopes, View(output), output.Shape);
    }

    /// <inheritdoc/>
    public void Conv2dFlip(in Conv2dGeometry geometry, Tensor weight, Tensor flipped)
    {
        geometry.CheckFlip(weight, flipped);
        For(weight.Shape.Length, new Conv2dFlipKernel(
            geometry.KernelSize * geometry.KernelSize, geometry.InChannels, geometry.OutChannels, View(weight), View(flipped)));
    }

    /// <summary>
    /// The input gradient is a convolution of the output gradient, spread out by the stride and bordered by zeros, with the flipped
    /// weights. Replicated borders get gradients of their own first, which are then added to the pixels they were copied from.
    /// </summary>
    public void Conv2dBackwardInput(in Conv2dGeometry geometry, Tensor outputGrad, Tensor flippedWeight, Tensor? mask, Tensor inputGrad)
    {
        geometry.CheckBackwardInput(outputGrad, flippedWeight, mask, inputGrad);
        var g = geometry;
        var last = g.KernelSize - 1;
        var replicated = g.Padding is { IsNone: false, Mode: PaddingMode.Replicate };
        var target = replicated ? g.Padding.Around(inputGrad.Shape) : inputGrad.Shape;
        var (top, left) = replicated ? (last, last) : (last - g.Padding.Top, last - g.Padding.Left);
        var spread = new Shape(target.N, target.H + last, target.W + last, g.OutChannels);
        var grad = Window(outputGrad, spread, top, left, g.Stride, PaddingMode.Zero, "conv2d: output gradient");
        var transposed = new Conv2dGeometry(g.OutChannels, g.InChannels, g.KernelSize);
        var zeros = Zeros(g.InChannels);
        var result = View(inputGrad);
        if (!replicated)
        {
            var epilogue = mask is null ? Conv2dEpilogue.None : Conv2dEpilogue.Mask;
            Convolve(transposed, grad, View(flippedWeight), zeros, epilogue, View(mask ?? inputGrad), result, target);
            return;
        }
        var bordered = Scratch("conv2d: gradient with borders", target.Length);
        Convolve(transposed, grad, View(flippedWeight), zeros, Conv2dEpilogue.None, bordered, bordered, target);
        For(inputGrad.Shape.Length, new Conv2dFoldKernel(
            inputGrad.Shape, target, g.Padding, bordered, mask is null ? 0 : 1, View(mask ?? inputGrad), result));
    }

    /// <inheritdoc/>
    public void Conv2dBackwardWeight(in Conv2dGeometry geometry, Tensor input, Tensor outputGrad, Tensor weightGrad, Tensor biasGrad)
    {
        geometry.CheckBackwardWeight(input, outputGrad, weightGrad, biasGrad);
        var g = geometry with { Padding = Padding.None };
        var padded = Pad(geometry.Padding, input);
        AddChannelSums(View(outputGrad), outputGrad.Shape, View(biasGrad));

        var plan = Plan(new Conv2dTask(g, weightGradient: true));
        if (!plan.Swapped)
        {
            WeightGradient(g, plan, padded, new Picture(View(outputGrad), outputGrad.Shape), View(weightGrad), isFlipped: false);
            return;
        }
        // ∂w[r,s,c,k] = Σ in[y+r,x+s,c]·grad[y,x,k] = Σ in[y,x,c]·grad[y−r,x−s,k]: a weight gradient again, the gradient taking the input's place.
        var last = g.KernelSize - 1;
        var shape = padded.Shape;
        var spread = new Shape(shape.N, shape.H + last, shape.W + last, g.OutChannels);
        var grad = Window(outputGrad, spread, last, last, 1, PaddingMode.Zero, "conv2d: output gradient");
        var swapped = new Conv2dGeometry(g.OutChannels, g.InChannels, g.KernelSize);
        WeightGradient(swapped, plan, grad, padded, View(weightGrad), isFlipped: true);
    }

    private Picture Pad(Padding padding, Tensor input) =>
        Window(input, padding.Around(input.Shape), padding.Top, padding.Left, 1, padding.Mode, "conv2d: padded input");

    /// <summary>
    /// The pixels of <paramref name="source"/>, <paramref name="step"/> apart, set at (top, left) into a picture of shape
    /// <paramref name="to"/>; a negative offset cuts. Returns the source itself where nothing changes.
    /// </summary>
    private Picture Window(Tensor source, Shape to, int top, int left, int step, PaddingMode mode, string use)
    {
        var from = source.Shape;
        if (from == to && top == 0 && left == 0 && step == 1) return new Picture(View(source), from);
        var target = Scratch(use, to.Length);
        var isReplicated = mode == PaddingMode.Replicate;
        ForRows(to.N * to.H, to.W * to.C, new Conv2dWindowKernel(from, to, top, left, step, isReplicated ? 1 : 0, View(source), target));
        return isReplicated ? new Picture(target, to) : new Picture(target, to, Math.Max(top, 0), Math.Max(to.H - top - (from.H - 1) * step - 1, 0));
    }

    /// <summary>A 'valid' convolution of an input that is padded already; the epilogue's operand is a mask like the output, or a slope per channel.</summary>
    private void Convolve(
        in Conv2dGeometry g,
        Picture input,
        ArrayView<float> weight,
        ArrayView<float> bias,
        Conv2dEpilogue epilogue,
        ArrayView<float> operand,
        ArrayView<float> output,
        Shape to)
    {
        if (g is { KernelSize: 1, Stride: 1 })
        {
            // Without neighbours the pixels are one long row, which leaves no short strips at row ends.
            input = new Picture(input.Pixels, Row(input.Shape));
            to = Row(to);
        }
        var plan = Plan(new Conv2dTask(g, weightGradient: false)).At(to.W);
        var size = new Conv2dSizes(g, input.Shape, to, plan, input.ZerosAbove, input.ZerosBelow);
        var pixels = input.Pixels;
        switch (plan)
        {
            case { Variant: Conv2dVariant.Plain }:
                For(to.Length, new Conv2dPlainKernel(size, pixels, weight, bias, (int)epilogue, operand, output));
                break;
            case { Variant: Conv2dVariant.Tile, Lanes: 8 }: Tile<TwoQuads>(); break;
            case { Variant: Conv2dVariant.Tile }: Tile<OneQuad>(); break;
            case { Variant: Conv2dVariant.Dot, Lanes: 16 }: Dot<Lanes16>(); break;
            case { Variant: Conv2dVariant.Dot }: Dot<Lanes8>(); break;
            case { Lanes: 32 }: Strip<Lanes32>(); break;
            case { Lanes: 16 }: Strip<Lanes16>(); break;
            case { Lanes: 8 }: Strip<Lanes8>(); break;
            case { Lanes: 4 }: Strip<Lanes4>(); break;
            default: Strip<Lane>(); break;
        }

        static Shape Row(Shape shape) => new(1, 1, shape.N * shape.H * shape.W, shape.C);

        void Strip<T>()
            where T : struct, ILanes<T>
        {
            // Strips overlap, and a thread reads back what another may have finished: once rectified is as good as twice, but a slope is not.
            var isSloped = epilogue == Conv2dEpilogue.PRelu;
            var finish = isSloped ? Conv2dEpilogue.None : epilogue;
            For(to.N * to.H * size.Strips * size.Blocks, new Conv2dStripKernel<T>(size, pixels, weight, bias, (int)finish, operand, output));
            if (isSloped) PRelu(to, output, operand, output);
        }

        void Tile<T>()
            where T : struct, IQuads<T> =>
            Multiply<Conv2dForwardProduct, T>(plan.Threads, new(size, pixels, weight, bias, (int)epilogue, operand, output));

        void Dot<T>()
            where T : struct, ILanes<T>
        {
            var (filters, channels) = (weight, size.OutChannels);
            if (channels > 1)
            {
                filters = Scratch("conv2d: weights by channel", (int)weight.Length);
                For((int)weight.Length, new Conv2dChannelsFirstKernel((int)weight.Length / channels, channels, weight, filters));
            }
            var strips = to.N * to.H * size.Strips * channels;
            ForGroups(
                (strips + Conv2dDot.Threads - 1) / Conv2dDot.Threads, Conv2dDot.Threads,
                new Conv2dDotKernel<T>(size, strips, pixels, filters, bias, (int)epilogue, operand, output));
        }
    }

    /// <summary>weightGrad += ∂loss/∂weight of a 'valid' convolution, by partial sums over slices of rows.</summary>
    private void WeightGradient(
        in Conv2dGeometry g,
        Conv2dPlan plan,
        Picture input,
        Picture outputGrad,
        ArrayView<float> weightGrad,
        bool isFlipped)
    {
        var (pixels, grad, to) = (input.Pixels, outputGrad.Pixels, outputGrad.Shape);
        var size = new Conv2dSizes(g, input.Shape, to, plan);
        var weights = g.Weight.Length;
        var slices = Slices(to.N * to.H, weights, DeviceClass);
        var partial = Scratch("conv2d: partial weight gradients", slices.Count * weights);
        switch (plan)
        {
            case { Variant: Conv2dVariant.Plain }:
                For(slices.Count * weights, new Conv2dWeightPlainKernel(size, slices.Rows, pixels, grad, partial));
                break;
            case { Variant: Conv2dVariant.Tile, Lanes: 8 }: Tile<TwoQuads>(); break;
            case { Variant: Conv2dVariant.Tile }: Tile<OneQuad>(); break;
            case { Lanes: 32 }: Strip<Lanes32>(); break;
            case { Lanes: 16 }: Strip<Lanes16>(); break;
            case { Lanes: 8 }: Strip<Lanes8>(); break;
            case { Lanes: 4 }: Strip<Lanes4>(); break;
            default: Strip<Lane>(); break;
        }
        if (isFlipped) For(weights, new Conv2dFlippedSumKernel(g.KernelSize * g.KernelSize, g.InChannels, g.OutChannels, slices.Count, partial, weightGrad));
        else AddSlices(partial, slices.Count, weights, weightGrad);

        void Strip<T>()
            where T : struct, ILanes<T>
        {
            switch (Conv2dPlan.WeightRows(size.RowTerms))
            {
                case 8: Rows<EightRows<T>>(); break;
                case 5: Rows<FiveRows<T>>(); break;
                default: Rows<ThreeRows<T>>(); break;
            }
        }

        void Rows<TRows>()
            where TRows : struct, IStripRows<TRows> =>
            For(
                slices.Count * size.KernelSize * size.WeightStrips(TRows.Rows) * size.Blocks,
                new Conv2dWeightStripKernel<TRows>(size, slices.Rows, pixels, grad, partial));

        void Tile<T>()
            where T : struct, IQuads<T> =>
            Multiply<Conv2dWeightProduct, T>(plan.Threads, new(size, slices.Count, slices.Rows, pixels, grad, partial));
    }

    /// <summary>Covers a product with tiles.</summary>
    private void Multiply<TProduct, T>(int threads, TProduct product)
        where TProduct : struct, IConv2dProduct
        where T : struct, IQuads<T>
    {
        var columns = Conv2dTile.ColumnThreads * T.Count;
        var tiles = (product.Rows + threads - 1) / threads * ((product.Columns + columns - 1) / columns) * product.Slices;
        ForGroups(tiles, threads, new Conv2dTileKernel<TProduct, T>(product));
    }

    /// <summary>sums[k] += Σ values[n,y,x,k].</summary>
    private void AddChannelSums(ArrayView<float> values, Shape shape, ArrayView<float> sums)
    {
        var pixels = shape.N * shape.H * shape.W;
        var slices = Slices(pixels, shape.C, DeviceClass);
        var lanes = Conv2dPlan.LanesFor(shape.C, DeviceClass);
        var partial = Scratch("partial channel sums", slices.Count * shape.C);
        if (lanes == 32) Launch<Lanes32>();
        else if (lanes == 16) Launch<Lanes16>();
        else if (lanes == 8) Launch<Lanes8>();
        else if (lanes == 4) Launch<Lanes4>();
        else Launch<Lane>();
        AddSlices(partial, slices.Count, shape.C, sums);

        void Launch<T>()
            where T : struct, ILanes<T>
        {
            var blocks = (shape.C + T.Count - 1) / T.Count;
            For(slices.Count * blocks, new Conv2dBiasKernel<T>(pixels, shape.C, blocks, slices.Rows, values, partial));
        }
    }

    /// <summary>sums[i] += Σ partial[slice,i], in the order of the slices. A GPU has a thread for each sum; a core takes as many as divide them.</summary>
    private void AddSlices(ArrayView<float> partial, int slices, int length, ArrayView<float> sums)
    {
        if (DeviceClass == DeviceClass.Gpu || length % 4 != 0) Launch<Lane>();
        else if (length % 16 == 0) Launch<Lanes16>(); // ILGPU fails to compile it for 32 behind some other kernels
        else if (length % 8 == 0) Launch<Lanes8>();
        else Launch<Lanes4>();

        void Launch<T>()
            where T : struct, ILanes<T> =>
            For(length / T.Count, new SliceSumKernel<T>(length, slices, partial, sums));
    }

    /// <summary>
    /// Cuts rows into slices: enough to keep the device busy, few enough that the partial sums stay within 16 MiB and cost little to add.
    /// </summary>
    internal static (int Count, int Rows) Slices(int rows, int weights, DeviceClass device)
    {
        const int MaxPartials = 4 << 20;
        var most = device == DeviceClass.Gpu ? 256 : 64;
        var slices = Math.Clamp(MaxPartials / weights, 1, Math.Min(most, rows));
        var rowsPerSlice = (rows + slices - 1) / slices;
        return ((rows + rowsPerSlice - 1) / rowsPerSlice, rowsPerSlice);
    }

    /// <summary>Pixels with borders around them, among those so many rows of zeros.</summary>
    private readonly record struct Picture(ArrayView<float> Pixels, Shape Shape, int ZerosAbove = 0, int ZerosBelow = 0);

    /// <summary>Scratch is zero-filled when allocated, and this use never writes.</summary>
    private ArrayView<float> Zeros(int length) => Scratch("zeros", length);
}
