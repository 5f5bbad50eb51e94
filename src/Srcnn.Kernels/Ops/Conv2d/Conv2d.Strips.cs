using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// A thread computes five neighbouring pixels of one block of channels. The S·C inputs under a tap row lie side by side, as do their
/// weights, so two loops without a branch do it all: five inputs times one block of weights into five blocks of accumulators. Blocks
/// and strips at the end overlap their neighbours and store the same values again.
/// </summary>
internal readonly struct Conv2dStripKernel<T>(
    Conv2dSizes size, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> mask, ArrayView<float> output) : IKernel
    where T : struct, ILanes<T>
{
    public void Execute(Index1D i)
    {
        var k = IntrinsicMath.Min(i % size.Blocks * T.Count, size.OutChannels - T.Count);
        var x = IntrinsicMath.Min(i / size.Blocks % size.Strips * Conv2dPlan.Rows, size.OutWidth - Conv2dPlan.Rows);
        var row = i / size.Blocks / size.Strips;
        var rowTerms = size.KernelSize * size.InChannels;
        var step = size.Stride * size.InChannels;
        var a = T.Load(bias, k);
        var (b, c, d, e) = (a, a, a, a);
        for (var r = 0; r < size.KernelSize; r++)
        {
            var from = size.Input(row, x, r);
            for (var j = 0; j < rowTerms; j++)
            {
                var w = T.Load(weight, (r * rowTerms + j) * size.OutChannels + k);
                a = a.Add(input[from + j], w);
                b = b.Add(input[from + j + step], w);
                c = c.Add(input[from + j + 2 * step], w);
                d = d.Add(input[from + j + 3 * step], w);
                e = e.Add(input[from + j + 4 * step], w);
            }
        }
        var to = size.Output(row, x) + k;
        var next = size.OutChannels;
        if (epilogue == (int)Conv2dEpilogue.Relu)
        {
            (a, b, c, d, e) = (a.Relu(), b.Relu(), c.Relu(), d.Relu(), e.Relu());
        }
        if (epilogue == (int)Conv2dEpilogue.Mask)
        {
            a = a.Masked(T.Load(mask, to));
            b = b.Masked(T.Load(mask, to + next));
            c = c.Masked(T.Load(mask, to + 2 * next));
            d = d.Masked(T.Load(mask, to + 3 * next));
            e = e.Masked(T.Load(mask, to + 4 * next));
        }
        a.Store(output, to);
        b.Store(output, to + next);
        c.Store(output, to + 2 * next);
        d.Store(output, to + 3 * next);
        e.Store(output, to + 4 * next);
    }
}

/// <summary>
/// For one output channel: a thread computes five neighbouring pixels; its lanes run along the S·C inputs under a tap row, whose
/// weights then lie side by side, and are added at the end.
/// </summary>
internal readonly struct Conv2dDotKernel<T>(
    Conv2dSizes size, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> mask, ArrayView<float> output) : IKernel
    where T : struct, ILanes<T>
{
    public void Execute(Index1D i)
    {
        var x = IntrinsicMath.Min(i % size.Strips * Conv2dPlan.Rows, size.OutWidth - Conv2dPlan.Rows);
        var row = i / size.Strips;
        var rowTerms = size.KernelSize * size.InChannels;
        var step = size.Stride * size.InChannels;
        T a = default, b = default, c = default, d = default, e = default;
        var first = bias[0];
        float a1 = first, b1 = first, c1 = first, d1 = first, e1 = first; // what does not fill the lanes
        for (var r = 0; r < size.KernelSize; r++)
        {
            var from = size.Input(row, x, r);
            var j = 0;
            for (; j + T.Count <= rowTerms; j += T.Count)
            {
                var w = T.Load(weight, r * rowTerms + j);
                a = a.Add(T.Load(input, from + j), w);
                b = b.Add(T.Load(input, from + j + step), w);
                c = c.Add(T.Load(input, from + j + 2 * step), w);
                d = d.Add(T.Load(input, from + j + 3 * step), w);
                e = e.Add(T.Load(input, from + j + 4 * step), w);
            }
            for (; j < rowTerms; j++)
            {
                var w = weight[r * rowTerms + j];
                a1 += input[from + j] * w;
                b1 += input[from + j + step] * w;
                c1 += input[from + j + 2 * step] * w;
                d1 += input[from + j + 3 * step] * w;
                e1 += input[from + j + 4 * step] * w;
            }
        }
        var to = size.Output(row, x);
        Store(to, a1 + a.Sum());
        Store(to + 1, b1 + b.Sum());
        Store(to + 2, c1 + c.Sum());
        Store(to + 3, d1 + d.Sum());
        Store(to + 4, e1 + e.Sum());
    }

    private void Store(int index, float sum)
    {
        var result = new Lane(sum);
        if (epilogue == (int)Conv2dEpilogue.Relu) result = result.Relu();
        if (epilogue == (int)Conv2dEpilogue.Mask) result = result.Masked(Lane.Load(mask, index));
        result.Store(output, index);
    }
}

/// <summary>
/// Weight gradient: a thread owns a slice of rows, five neighbouring elements (s, c) of one tap row and a block of channels k, and
/// walks the pixels of its slice: partial[slice,r,(s,c),k] = Σ input·outputGrad. Threads of one slice are neighbours and share its data.
/// </summary>
internal readonly struct Conv2dWeightStripKernel<T>(
    Conv2dSizes size, int sliceRows, ArrayView<float> input, ArrayView<float> outputGrad, ArrayView<float> partial) : IKernel
    where T : struct, ILanes<T>
{
    public void Execute(Index1D i)
    {
        var rowTerms = size.KernelSize * size.InChannels;
        var k = IntrinsicMath.Min(i % size.Blocks * T.Count, size.OutChannels - T.Count);
        var j = IntrinsicMath.Min(i / size.Blocks % size.WeightStrips * Conv2dPlan.Rows, rowTerms - Conv2dPlan.Rows);
        var r = i / size.Blocks / size.WeightStrips % size.KernelSize;
        var slice = i / size.Blocks / size.WeightStrips / size.KernelSize;
        var lastRow = IntrinsicMath.Min((slice + 1) * sliceRows, size.OutRows);
        var step = size.Stride * size.InChannels;
        T a = default, b = default, c = default, d = default, e = default;
        for (var row = slice * sliceRows; row < lastRow; row++)
        {
            var from = size.Input(row, 0, r) + j;
            var gradFrom = size.Output(row, 0) + k;
            for (var x = 0; x < size.OutWidth; x++)
            {
                var grad = T.Load(outputGrad, gradFrom + x * size.OutChannels);
                a = a.Add(input[from + x * step], grad);
                b = b.Add(input[from + x * step + 1], grad);
                c = c.Add(input[from + x * step + 2], grad);
                d = d.Add(input[from + x * step + 3], grad);
                e = e.Add(input[from + x * step + 4], grad);
            }
        }
        var to = ((slice * size.KernelSize + r) * rowTerms + j) * size.OutChannels + k;
        a.Store(partial, to);
        b.Store(partial, to + size.OutChannels);
        c.Store(partial, to + 2 * size.OutChannels);
        d.Store(partial, to + 3 * size.OutChannels);
        e.Store(partial, to + 4 * size.OutChannels);
    }
}
