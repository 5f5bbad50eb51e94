namespace Srcnn.Kernels;

/// <summary>The three passes of a convolution without padding over one sample in host memory, as <see cref="TileSum"/>s.</summary>
internal static unsafe class Conv2dRows
{
    /// <summary>
    /// Rows that one weight-gradient sum runs over at a time: as many as the first-level cache holds, since every block of taps reads them
    /// all again. In between the sums wait in the gradient itself, so blocking does not change their order.
    /// </summary>
    private static int RowsAtOnce(nint elementsPerRow) => (int)Math.Clamp(Tiles.FirstLevelCache / (elementsPerRow * sizeof(float)), 1, 64);

    /// <summary>
    /// One output row: pixels [0, count) from the R input rows whose pointers stand at the first tap of pixel 0. <paramref name="packed"/>
    /// weights are given where the <see cref="Dot"/> form suits. Channels-last makes the S·C taps of a row one run of memory.
    /// </summary>
    public static void Row(in Conv2dGeometry g, float** rows, float* packed, float* weight, float* bias, Activation activation, float* mask, float* output, int count)
    {
        if (packed != null)
        {
            Dot.Row(g, rows, packed, bias, activation.IsRelu, output, count);
            if (activation.Slope is { } few) HostBackend.PRelu(output, HostBackend.Elements(few), output, count * g.OutChannels);
            return;
        }
        nint terms = g.KernelSize * g.InChannels, outChannels = g.OutChannels;
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
            },
            mask != null ? TileEnds.Mask : bias == null ? TileEnds.Plain : activation.IsRelu ? TileEnds.Relu : slope != null ? TileEnds.PRelu : TileEnds.Bias,
            count, g.OutChannels);
    }

    /// <summary>A whole sample. The input is already padded.</summary>
    public static void Forward(in Conv2dGeometry g, float* input, Shape inputShape, float* packed, float* weight, float* bias, Activation activation, float* mask, float* output, int height, int width)
    {
        nint rowLength = inputShape.W * g.InChannels, outputRow = width * g.OutChannels;
        var rows = stackalloc float*[g.KernelSize];
        if (g.KernelSize == 1 && g.Stride == 1)
        {
            // A 1×1 convolution does not know rows: the whole sample is one.
            (width, height) = (width * height, 1);
        }
        for (var y = 0; y < height; y++)
        {
            for (var r = 0; r < g.KernelSize; r++) rows[r] = input + (((nint)y * g.Stride + r) * rowLength);
            Row(g, rows, packed, weight, bias, activation, mask == null ? null : mask + (y * outputRow), output + (y * outputRow), width);
        }
    }

    /// <summary>weightGrad[r, s, c, k] += Σ_yx input[y·stride+r, x·stride+s, c] · outputGrad[y, x, k].</summary>
    public static void BackwardWeight(in Conv2dGeometry g, float* input, Shape inputShape, float* outputGrad, Shape gradShape, float* weightGrad)
    {
        nint rowLength = inputShape.W * g.InChannels, gradRow = gradShape.W * g.OutChannels, outChannels = g.OutChannels;
        nint taps = g.KernelSize * g.InChannels;
        var atOnce = RowsAtOnce(rowLength + gradRow);
        var a = stackalloc float*[atOnce];
        var b = stackalloc float*[atOnce];
        for (var y0 = 0; y0 < gradShape.H; y0 += atOnce)
        for (var r = 0; r < g.KernelSize; r++)
        {
            var rows = Math.Min(atOnce, gradShape.H - y0);
            for (var i = 0; i < rows; i++)
            {
                a[i] = input + (((nint)(y0 + i) * g.Stride + r) * rowLength);
                b[i] = outputGrad + ((y0 + i) * gradRow);
            }
            var sums = weightGrad + (r * taps * outChannels);
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = rows, Terms = gradShape.W,
                    AStep = 1, ATerm = g.InChannels * g.Stride, BTerm = outChannels,
                    Initial = sums, EndStep = outChannels, C = sums, CStep = outChannels,
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
        nint rowLength = inputShape.W * g.InChannels, channels = g.InChannels;
        var atOnce = RowsAtOnce(rowLength);
        var a = stackalloc float*[atOnce];
        var b = stackalloc float*[atOnce];
        for (var y0 = 0; y0 < wideShape.H; y0 += atOnce)
        for (var r = 0; r < g.KernelSize; r++)
        {
            var rows = Math.Min(atOnce, wideShape.H - y0);
            for (var i = 0; i < rows; i++)
            {
                a[i] = wideGrad + ((nint)(y0 + i) * wideShape.W) + g.KernelSize - 1;
                b[i] = input + ((nint)(y0 + i + r) * rowLength);
            }
            var sums = weightGrad + (r * g.KernelSize * channels);
            Tiles.Run(
                new TileSum
                {
                    A = a, B = b, Rows = rows, Terms = inputShape.W,
                    AStep = -1, ATerm = 1, BTerm = channels,
                    Initial = sums, EndStep = channels, C = sums, CStep = channels,
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
