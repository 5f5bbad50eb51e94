using ILGPU;

namespace Srcnn.Kernels;

/// <summary>Sizes of a 'valid' convolution as its kernels use them.</summary>
/// <param name="zerosAbove">Rows of zeros that the input begins with; strips and dots pass over them, and over those it ends with.</param>
internal readonly struct Conv2dSizes(in Conv2dGeometry g, Shape input, Shape output, Conv2dPlan plan, int zerosAbove = 0, int zerosBelow = 0)
{
    public readonly int InChannels = g.InChannels;
    public readonly int OutChannels = g.OutChannels;
    public readonly int KernelSize = g.KernelSize;
    public readonly int Stride = g.Stride;
    public readonly int InHeight = input.H;
    public readonly int InWidth = input.W;
    public readonly int OutHeight = output.H;
    public readonly int OutWidth = output.W;
    public readonly int OutRows = output.N * output.H;

    private readonly int firstRow = zerosAbove;
    private readonly int endRow = input.H - zerosBelow;

    /// <summary>Blocks of lanes that cover the output channels; the last one starts earlier where they do not divide.</summary>
    public readonly int Blocks = (g.OutChannels + plan.Lanes - 1) / plan.Lanes;

    /// <summary>Strips of pixels that cover an output row; the last one overlaps likewise.</summary>
    public readonly int Strips = (output.W + plan.Pixels - 1) / plan.Pixels;

    /// <summary>Elements of one tap row, S·C; they lie side by side in the input and in the weights.</summary>
    public int RowTerms => KernelSize * InChannels;

    /// <summary>Operations of the convolution, or of its weight gradient: a multiply–add for every output element and weight that meet, if only at a zero.</summary>
    public double Flops => 2.0 * OutRows * OutWidth * OutChannels * KernelSize * KernelSize * InChannels;

    /// <summary>The first input element that output pixel (row, x) reads in tap row r; row counts over all samples.</summary>
    public int Input(int row, int x, int r) =>
        ((row / OutHeight * InHeight + row % OutHeight * Stride + r) * InWidth + x * Stride) * InChannels;

    /// <summary>The first tap row that lies past the zeros above for output row <paramref name="row"/>, and the one past the last that lies before the zeros below.</summary>
    public (int First, int End) TapRows(int row)
    {
        var top = row % OutHeight * Stride;
        return (IntrinsicMath.Max(firstRow - top, 0), IntrinsicMath.Min(endRow - top, KernelSize));
    }

    /// <summary>The element that weight (r, s, c), counted in this order, is multiplied with, relative to that of the first weight.</summary>
    public int Tap(int weight) => weight / RowTerms * InWidth * InChannels + weight % RowTerms;

    /// <summary>Strips of so many weights that cover a tap row; the last one overlaps too.</summary>
    public int WeightStrips(int rows) => (RowTerms + rows - 1) / rows;

    /// <summary>The first output element of pixel (row, x).</summary>
    public int Output(int row, int x) => (row * OutWidth + x) * OutChannels;
}

/// <summary>What <see cref="Conv2dEpilogue"/> names.</summary>
internal static class Conv2dEpilogues
{
    /// <summary>Applies the epilogue to the sum of output element <paramref name="i"/> in <paramref name="channel"/>.</summary>
    public static Lane Finish(Lane sum, int epilogue, ArrayView<float> operand, int i, int channel)
    {
        if (epilogue == (int)Conv2dEpilogue.Relu) return sum.Relu();
        if (epilogue == (int)Conv2dEpilogue.PRelu) return sum.PRelu(Lane.Load(operand, channel));
        if (epilogue == (int)Conv2dEpilogue.Mask) return sum.Masked(Lane.Load(operand, i));
        return sum;
    }
}

/// <summary>A row of a picture, its pixels <c>step</c> apart, set into a row of another; neighbours touch neighbours.</summary>
internal readonly struct Conv2dWindowKernel(
    Shape from, Shape to, int top, int left, int step, int replicate, ArrayView<float> source, ArrayView<float> target) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var y = row % to.H - top;
        var place = column - left * to.C;
        if (replicate != 0)
        {
            y = IntrinsicMath.Clamp(y, 0, from.H - 1);
            if (place < 0) place = column % to.C;
            if (place >= from.W * to.C) place = (from.W - 1) * to.C + column % to.C;
        }
        if (step > 1)
        {
            var x = place / to.C;
            // A negative x / step may round to 0, which is why the place itself is asked below.
            place = x % step == 0 && place >= 0 ? x / step * to.C + place % to.C : -1;
            y = y % step == 0 ? y / step : -1;
        }
        var inside = y >= 0 && y < from.H && place >= 0 && place < from.W * to.C;
        target[row * to.W * to.C + column] = inside ? source[(row / to.H * from.H + y) * from.W * to.C + place] : 0f;
    }
}

/// <summary>One thread per weight, reading in order; flipped[last−t,k,c] = weight[t,c,k] with the taps t counted row by row.</summary>
internal readonly struct Conv2dFlipKernel(int taps, int inChannels, int outChannels, ArrayView<float> weight, ArrayView<float> flipped) : IKernel
{
    public void Execute(Index1D i)
    {
        var k = i % outChannels;
        var c = i / outChannels % inChannels;
        var tap = i / outChannels / inChannels;
        flipped[((taps - 1 - tap) * outChannels + k) * inChannels + c] = weight[i];
    }
}

/// <summary>One thread per output element; neighbouring threads share the input and read neighbouring weights.</summary>
internal readonly struct Conv2dPlainKernel(
    Conv2dSizes size, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> operand, ArrayView<float> output) : IKernel
{
    public double Flops => size.Flops;

    public void Execute(Index1D i)
    {
        var k = i % size.OutChannels;
        var x = i / size.OutChannels % size.OutWidth;
        var row = i / size.OutChannels / size.OutWidth;
        var rowTerms = size.RowTerms;
        var sum = bias[k];
        var from = size.Input(row, x, 0);
        var weightFrom = k;
        for (var r = 0; r < size.KernelSize; r++)
        {
            for (var j = 0; j < rowTerms; j++)
            {
                sum += input[from + j] * weight[weightFrom];
                weightFrom += size.OutChannels;
            }
            from += size.InWidth * size.InChannels;
        }
        Conv2dEpilogues.Finish(new Lane(sum), epilogue, operand, i, k).Store(output, i);
    }
}

/// <summary>One thread per input element adds the gradients of the border pixels that were copied from it, and applies the mask.</summary>
internal readonly struct Conv2dFoldKernel(
    Shape picture, Shape padded, Padding padding, ArrayView<float> bordered, int masked, ArrayView<float> mask, ArrayView<float> inputGrad) : IKernel
{
    public void Execute(Index1D i)
    {
        var c = i % picture.C;
        var x = i / picture.C % picture.W;
        var y = i / picture.C / picture.W % picture.H;
        var n = i / picture.C / picture.W / picture.H;
        var fromY = y == 0 ? 0 : y + padding.Top;
        var toY = y == picture.H - 1 ? padded.H : y + padding.Top + 1;
        var fromX = x == 0 ? 0 : x + padding.Left;
        var toX = x == picture.W - 1 ? padded.W : x + padding.Left + 1;
        var sum = 0f;
        for (var py = fromY; py < toY; py++)
        for (var px = fromX; px < toX; px++)
            sum += bordered[((n * padded.H + py) * padded.W + px) * padded.C + c];
        if (masked != 0) sum = mask[i] > 0f ? sum : 0f;
        inputGrad[i] = sum;
    }
}

/// <summary>One thread per weight and slice of rows: partial[slice,r,s,c,k] = Σ input·outputGrad over the slice.</summary>
internal readonly struct Conv2dWeightPlainKernel(
    Conv2dSizes size, int sliceRows, ArrayView<float> input, ArrayView<float> outputGrad, ArrayView<float> partial) : IKernel
{
    public double Flops => size.Flops;

    public void Execute(Index1D i)
    {
        var rowTerms = size.RowTerms;
        var k = i % size.OutChannels;
        var j = i / size.OutChannels % rowTerms;
        var r = i / size.OutChannels / rowTerms % size.KernelSize;
        var firstRow = i / size.OutChannels / rowTerms / size.KernelSize * sliceRows;
        var lastRow = IntrinsicMath.Min(firstRow + sliceRows, size.OutRows);
        var sum = 0f;
        for (var row = firstRow; row < lastRow; row++)
        for (var x = 0; x < size.OutWidth; x++)
            sum += input[size.Input(row, x, r) + j] * outputGrad[size.Output(row, x) + k];
        partial[i] = sum;
    }
}

/// <summary>A thread adds the slices of a few neighbouring sums in order: sums[i] += Σ partial[slice,i].</summary>
internal readonly struct SliceSumKernel<T>(int length, int slices, ArrayView<float> partial, ArrayView<float> sums) : IKernel
    where T : struct, ILanes<T>
{
    public void Execute(Index1D i)
    {
        var at = i * T.Count;
        var sum = T.Load(partial, at);
        for (var slice = 1; slice < slices; slice++) sum = sum.Add(1f, T.Load(partial, slice * length + at));
        sum.Add(1f, T.Load(sums, at)).Store(sums, at);
    }
}

/// <summary>
/// The same for a weight gradient of swapped roles, a thread per weight: partial[slice,last−t,…] goes with tap t, and (t,c,k) is added
/// to weightGrad[last−t,k,c].
/// </summary>
internal readonly struct Conv2dFlippedSumKernel(
    int taps, int inChannels, int outChannels, int slices, ArrayView<float> partial, ArrayView<float> weightGrad) : IKernel
{
    public void Execute(Index1D i)
    {
        var weights = taps * inChannels * outChannels;
        var sum = 0f;
        for (var slice = 0; slice < slices; slice++) sum += partial[slice * weights + i];
        var k = i % outChannels;
        var c = i / outChannels % inChannels;
        var tap = i / outChannels / inChannels;
        weightGrad[((taps - 1 - tap) * outChannels + k) * inChannels + c] += sum;
    }
}

/// <summary>One thread per slice of pixels and block of channels: partial[slice,k] = Σ outputGrad over the slice.</summary>
internal readonly struct Conv2dBiasKernel<T>(
    int pixels, int channels, int blocks, int slicePixels, ArrayView<float> outputGrad, ArrayView<float> partial) : IKernel
    where T : struct, ILanes<T>
{
    public void Execute(Index1D i)
    {
        var k = IntrinsicMath.Min(i % blocks * T.Count, channels - T.Count);
        var slice = i / blocks;
        var last = IntrinsicMath.Min((slice + 1) * slicePixels, pixels);
        var sum = default(T);
        var from = slice * slicePixels * channels + k;
        for (var pixel = slice * slicePixels; pixel < last; pixel++)
        {
            sum = sum.Add(1f, T.Load(outputGrad, from));
            from += channels;
        }
        sum.Store(partial, slice * channels + k);
    }
}
