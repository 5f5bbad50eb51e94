namespace Srcnn.Kernels;

/// <summary>The three passes of a convolution without padding over one sample in host memory, as <see cref="TileSum"/>s.</summary>
internal static unsafe class Conv2dRows
{
    /// <summary>Output rows that one sum runs over: enough to forget what a call costs.</summary>
    private const int RowsPerSum = 32;

    /// <summary>
    /// Rows that one weight-gradient sum runs over at a time: as many as the first-level cache holds, since every block of taps reads them
    /// all again. In between the sums wait in the gradient itself, so blocking does not change their order.
    /// </summary>
    private static int RowsAtOnce(nint elementsPerRow) => (int)Math.Clamp(Tiles.FirstLevelCache / (elementsPerRow * sizeof(float)), 1, 64);

    /// <summary>
    /// <paramref name="height"/> output rows of <paramref name="width"/> pixels from the input rows whose pointers stand at the first tap of
    /// pixel 0; output rows are side by side. <paramref name="packed"/> weights are given where the <see cref="Dot"/> form suits.
    /// Channels-last makes the S·C taps of a row one run of memory.
    /// </summary>
    public static void Forward(in Conv2dGeometry g, float** rows, float* packed, float* weight, float* bias, Activation activation, float* mask, float* output, int height, int width)
    {
        nint terms = g.KernelSize * g.InChannels, outChannels = g.OutChannels, outputRow = width * outChannels;
        if (packed != null)
        {
            for (var y = 0; y < height; y++) Dot.Row(g, rows + (y * g.Stride), packed, bias, activation.IsRelu, output + (y * outputRow), width);
            if (activation.Slope is { } few) HostBackend.PRelu(output, HostBackend.Elements(few), output, height * (int)outputRow);
            return;
        }
        var b = stackalloc float*[g.KernelSize];
        for (var r = 0; r < g.KernelSize; r++) b[r] = weight + (r * terms * outChannels);
        var shared = stackalloc float[Tiles.MostLanes];
        var isShared = activation.Slope?.Shape.Length == 1;
        var slope = activation.Slope is null ? null : HostBackend.Pointer(activation.Slope);
        if (isShared) new Span<float>(shared, Tiles.MostLanes).Fill(*slope);
        Tiles.Run(
            new TileSum
            {
                A = rows, B = b, Rows = g.KernelSize, Terms = terms,
                AStep = g.InChannels * g.Stride, ATerm = 1, BTerm = outChannels,
                Initial = bias, EndStep = bias == null ? outChannels : 0, Mask = mask, Slope = isShared ? shared : slope, SlopeStep = isShared ? 0 : 1,
                C = output, CStep = outChannels,
                Repeats = height, ARepeat = g.Stride, EndRepeat = bias == null ? outputRow : 0, CRepeat = outputRow,
            },
            mask != null ? TileEnds.Mask : bias == null ? TileEnds.Plain : activation.IsRelu ? TileEnds.Relu : slope != null ? TileEnds.PRelu : TileEnds.Bias,
            width, g.OutChannels);
    }

    /// <summary>A whole sample. The input is already padded.</summary>
    public static void Forward(in Conv2dGeometry g, float* input, Shape inputShape, float* packed, float* weight, float* bias, Activation activation, float* mask, float* output, int height, int width)
    {
        nint rowLength = inputShape.W * g.InChannels;
        // A 1×1 convolution does not know rows: the whole sample is one.
        if (g.KernelSize == 1 && g.Stride == 1) (width, height) = (width * height, 1);
        nint outputRow = width * g.OutChannels;
        var rows = stackalloc float*[((RowsPerSum - 1) * g.Stride) + g.KernelSize];
        for (var y0 = 0; y0 < height; y0 += RowsPerSum)
        {
            var count = Math.Min(RowsPerSum, height - y0);
            for (var i = 0; i < ((count - 1) * g.Stride) + g.KernelSize; i++) rows[i] = input + ((((nint)y0 * g.Stride) + i) * rowLength);
            Forward(g, rows, packed, weight, bias, activation, mask == null ? null : mask + (y0 * outputRow), output + (y0 * outputRow), count, width);
        }
    }

    /// <summary>weightGrad[r, s, c, k] += Σ_yx input[y·stride+r, x·stride+s, c] · outputGrad[y, x, k].</summary>
    public static void BackwardWeight(in Conv2dGeometry g, float* input, Shape inputShape, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        nint rowLength = inputShape.W * g.InChannels, gradRow = gradShape.W * g.OutChannels, outChannels = g.OutChannels;
        nint taps = g.KernelSize * g.InChannels;
        var atOnce = RowsAtOnce(rowLength + gradRow);
        var a = stackalloc float*[g.KernelSize * atOnce];
        var b = stackalloc float*[atOnce];
        for (var y0 = 0; y0 < gradShape.H; y0 += atOnce)
        {
            var rows = Math.Min(atOnce, gradShape.H - y0);
            for (var i = 0; i < rows; i++)
            {
                b[i] = outputGrad + ((y0 + i) * gradRow);
                for (var r = 0; r < g.KernelSize; r++) a[(r * rows) + i] = input + (((nint)(y0 + i) * g.Stride + r) * rowLength);
            }
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = rows, Terms = gradShape.W,
                    AStep = 1, ATerm = g.InChannels * g.Stride, BTerm = outChannels,
                    Initial = weightGrad, EndStep = outChannels, C = weightGrad, CStep = outChannels,
                    Repeats = g.KernelSize, ARepeat = rows, EndRepeat = taps * outChannels, CRepeat = taps * outChannels,
                },
                TileEnds.Add,
                (int)taps, g.OutChannels);
        }
    }

    /// <summary>
    /// The same for K = 1, where vectors run along the input channels instead: weightGrad[r, s, c] += Σ_yx outputGrad[y, x−s] · input[y+r, x, c].
    /// The output gradient is widened by S−1 zeros on both sides.
    /// </summary>
    public static void BackwardWeightOfOneChannel(in Conv2dGeometry g, float* input, Shape inputShape, float* wideGrad, Shape wideShape, float* weightGrad)
    {
        nint rowLength = inputShape.W * g.InChannels, channels = g.InChannels, taps = g.KernelSize * channels;
        var atOnce = RowsAtOnce(rowLength);
        var a = stackalloc float*[atOnce];
        var b = stackalloc float*[g.KernelSize + atOnce - 1];
        for (var y0 = 0; y0 < wideShape.H; y0 += atOnce)
        {
            var rows = Math.Min(atOnce, wideShape.H - y0);
            for (var i = 0; i < rows; i++) a[i] = wideGrad + ((nint)(y0 + i) * wideShape.W) + g.KernelSize - 1;
            for (var i = 0; i < g.KernelSize + rows - 1; i++) b[i] = input + ((nint)(y0 + i) * rowLength);
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = rows, Terms = inputShape.W,
                    AStep = -1, ATerm = 1, BTerm = channels,
                    Initial = weightGrad, EndStep = channels, C = weightGrad, CStep = channels,
                    Repeats = g.KernelSize, BRepeat = 1, EndRepeat = taps, CRepeat = taps,
                },
                TileEnds.Add,
                g.KernelSize, g.InChannels);
        }
    }

    /// <summary>biasGrad[k] += Σ_yx outputGrad[y, x, k]: a weight gradient whose input is one everywhere.</summary>
    public static void BackwardBias(float* outputGrad, Shape gradShape, float* biasGrad)
    {
        var one = 1f;
        float* a = &one, b = outputGrad;
        Tiles.Run(
            new TileSum
            {
                A = &a, B = &b, Rows = 1, Terms = gradShape.H * gradShape.W,
                AStep = 0, ATerm = 0, BTerm = gradShape.C,
                Initial = biasGrad, C = biasGrad, CStep = gradShape.C,
            },
            TileEnds.Add,
            1, gradShape.C);
    }
}
