using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// A thread computes five neighbouring pixels of one block of channels. The S·C inputs under a tap row lie side by side, as do their
/// weights, so two loops without a branch do it all: five inputs times one block of weights into five blocks of accumulators. Blocks
/// and strips at the end overlap their neighbours and store the same values again, so the epilogue must bear being applied twice. Indices
/// are carried from step to step: ILGPU moves a computed one to its use, and its divisions would run in the inner loop.
/// </summary>
internal readonly struct Conv2dStripKernel<T>(
    Conv2dSizes size, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> operand, ArrayView<float> output) : IKernel
    where T : struct, ILanes<T>
{
    public double Flops => size.Flops;

    public void Execute(Index1D i)
    {
        var k = IntrinsicMath.Min(i % size.Blocks * T.Count, size.OutChannels - T.Count);
        var x = IntrinsicMath.Min(i / size.Blocks % size.Strips * Conv2dPlan.StripPixels, size.OutWidth - Conv2dPlan.StripPixels);
        var row = i / size.Blocks / size.Strips;
        var rowTerms = size.RowTerms;
        var step = size.Stride * size.InChannels;
        var a = T.Load(bias, k);
        var (b, c, d, e) = (a, a, a, a);
        var (first, end) = size.TapRows(row);
        var from = size.Input(row, x, first);
        var weightFrom = first * rowTerms * size.OutChannels + k;
        for (var r = first; r < end; r++)
        {
            for (var j = 0; j < rowTerms; j++)
            {
                var w = T.Load(weight, weightFrom);
                a = a.Add(input[from], w);
                b = b.Add(input[from + step], w);
                c = c.Add(input[from + 2 * step], w);
                d = d.Add(input[from + 3 * step], w);
                e = e.Add(input[from + 4 * step], w);
                from++;
                weightFrom += size.OutChannels;
            }
            from += size.InWidth * size.InChannels - rowTerms;
        }
        var to = size.Output(row, x) + k;
        var next = size.OutChannels;
        a.Store(output, to);
        b.Store(output, to + next);
        c.Store(output, to + 2 * next);
        d.Store(output, to + 3 * next);
        e.Store(output, to + 4 * next);
        // Read back from the nearest cache: a choice between accumulators before the store keeps PoCL from vectorising their sums.
        if (epilogue == (int)Conv2dEpilogue.None) return;
        for (var pixel = 0; pixel < Conv2dPlan.StripPixels; pixel++)
        {
            var sum = T.Load(output, to);
            if (epilogue == (int)Conv2dEpilogue.Relu) sum.Relu().Store(output, to);
            else sum.Masked(T.Load(operand, to)).Store(output, to);
            to += next;
        }
    }
}

/// <summary>
/// For few output channels: a thread computes seven neighbouring pixels of one; its lanes run along the S·C inputs under a tap row, whose
/// weights lie side by side in [k,r,s,c]. S·C is a multiple of the lanes. A group keeps the sums of its lanes in shared memory, which on a
/// CPU is the nearest cache, and adds them past a barrier: without one PoCL's compiler no longer sees vectors in them and the whole runs
/// many times slower.
/// </summary>
internal readonly struct Conv2dDotKernel<T>(
    Conv2dSizes size, int strips, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> operand, ArrayView<float> output) : IGroupKernel
    where T : struct, ILanes<T>
{
    public double Flops => size.Flops;

    public void Execute()
    {
        var lanes = SharedMemory.Allocate<float>(Conv2dDot.Threads * Conv2dPlan.DotPixels * T.Count);
        // Threads past the end do the last strip again.
        var i = IntrinsicMath.Min(Grid.IdxX * Conv2dDot.Threads + Group.IdxX, strips - 1);
        var k = i % size.OutChannels;
        var x = IntrinsicMath.Min(i / size.OutChannels % size.Strips * Conv2dPlan.DotPixels, size.OutWidth - Conv2dPlan.DotPixels);
        var row = i / size.OutChannels / size.Strips;
        var rowTerms = size.RowTerms;
        var step = size.Stride * size.InChannels;
        T a = default, b = default, c = default, d = default, e = default, f = default, g = default;
        var (first, end) = size.TapRows(row);
        var from = size.Input(row, x, first);
        var weightFrom = (k * size.KernelSize + first) * rowTerms;
        for (var r = first; r < end; r++)
        {
            for (var j = 0; j < rowTerms; j += T.Count)
            {
                var w = T.Load(weight, weightFrom);
                a = a.Add(T.Load(input, from), w);
                b = b.Add(T.Load(input, from + step), w);
                c = c.Add(T.Load(input, from + 2 * step), w);
                d = d.Add(T.Load(input, from + 3 * step), w);
                e = e.Add(T.Load(input, from + 4 * step), w);
                f = f.Add(T.Load(input, from + 5 * step), w);
                g = g.Add(T.Load(input, from + 6 * step), w);
                from += T.Count;
                weightFrom += T.Count;
            }
            from += size.InWidth * size.InChannels - rowTerms;
        }
        var at = Group.IdxX * Conv2dPlan.DotPixels * T.Count;
        a.Store(lanes, at);
        b.Store(lanes, at + T.Count);
        c.Store(lanes, at + 2 * T.Count);
        d.Store(lanes, at + 3 * T.Count);
        e.Store(lanes, at + 4 * T.Count);
        f.Store(lanes, at + 5 * T.Count);
        g.Store(lanes, at + 6 * T.Count);
        Group.Barrier();
        for (var pixel = 0; pixel < Conv2dPlan.DotPixels; pixel++)
        {
            var sum = bias[k] + T.Load(lanes, at).Sum();
            at += T.Count;
            var to = size.Output(row, x + pixel) + k;
            Conv2dEpilogues.Finish(new Lane(sum), epilogue, operand, to, k).Store(output, to);
        }
    }
}

/// <summary>Sizes of <see cref="Conv2dDotKernel{T}"/>.</summary>
internal static class Conv2dDot
{
    /// <summary>Threads of a group: with 16 lanes they share 14 KiB.</summary>
    public const int Threads = 32;
}

/// <summary>One thread per weight: [t,c,k] becomes [k,t,c].</summary>
internal readonly struct Conv2dChannelsFirstKernel(int terms, int channels, ArrayView<float> weight, ArrayView<float> transposed) : IKernel
{
    public void Execute(Index1D i) => transposed[i % channels * terms + i / channels] = weight[i];
}

/// <summary>
/// Weight gradient: a thread owns a slice of rows, a few weights side by side under a tap row and a block of channels k, and walks the
/// pixels of its slice: partial[slice,(r,s,c),k] = Σ input·outputGrad. The inputs of its weights lie side by side too, so one index finds
/// them all; with an index each, PoCL's compiler keeps them in a vector and takes it apart at every pixel, which costs a third of the
/// time. Threads of one slice are neighbours and share its data. The last strip under a tap row overlaps the one before.
/// </summary>
internal readonly struct Conv2dWeightStripKernel<TRows>(
    Conv2dSizes size, int sliceRows, ArrayView<float> input, ArrayView<float> outputGrad, ArrayView<float> partial) : IKernel
    where TRows : struct, IStripRows<TRows>
{
    public double Flops => size.Flops;

    public void Execute(Index1D i)
    {
        var rowTerms = size.RowTerms;
        var strips = size.WeightStrips(TRows.Rows);
        var k = IntrinsicMath.Min(i % size.Blocks * TRows.Lanes, size.OutChannels - TRows.Lanes);
        var first = IntrinsicMath.Min(i / size.Blocks % strips * TRows.Rows, rowTerms - TRows.Rows);
        var r = i / size.Blocks / strips % size.KernelSize;
        var slice = i / size.Blocks / strips / size.KernelSize;
        var lastRow = IntrinsicMath.Min((slice + 1) * sliceRows, size.OutRows);
        TRows sums = default;
        for (var row = slice * sliceRows; row < lastRow; row++)
        {
            var from = size.Input(row, 0, r) + first;
            var gradFrom = size.Output(row, 0) + k;
            for (var x = 0; x < size.OutWidth; x++)
            {
                sums = sums.Add(input, from, outputGrad, gradFrom);
                from += size.Stride * size.InChannels;
                gradFrom += size.OutChannels;
            }
        }
        sums.Store(partial, ((slice * size.KernelSize + r) * rowTerms + first) * size.OutChannels + k, size.OutChannels);
    }
}
