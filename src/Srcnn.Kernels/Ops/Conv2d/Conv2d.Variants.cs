namespace Srcnn.Kernels;

/// <summary>What kernels are chosen by.</summary>
internal enum DeviceClass
{
    /// <summary>A CPU behind OpenCL: accumulators live in vector registers, shared memory is only memory.</summary>
    Cpu,

    /// <summary>A GPU: 255 scalar registers a thread, and shared memory that is faster than any cache.</summary>
    Gpu,
}

/// <summary>A convolution whose input is padded already, or its weight gradient.</summary>
internal readonly record struct Conv2dTask(int InChannels, int OutChannels, int KernelSize, int Stride, bool WeightGradient)
{
    /// <summary>What <see cref="ToString"/> calls the two.</summary>
    public const string Forward = "forward", Gradient = "weight gradient";

    public Conv2dTask(in Conv2dGeometry g, bool weightGradient)
        : this(g.InChannels, g.OutChannels, g.KernelSize, g.Stride, weightGradient)
    {
    }

    /// <summary>Elements of one tap row, S·C; they lie side by side in the input and in the weights.</summary>
    public int RowTerms => KernelSize * InChannels;

    /// <summary>Weights of an output channel, R·S·C.</summary>
    public int Terms => KernelSize * RowTerms;

    /// <summary>The weight gradient with input and output gradient in each other's place; the result is flipped.</summary>
    public Conv2dTask Swap() => this with { InChannels = OutChannels, OutChannels = InChannels };

    /// <summary>For example "5×5 64→32 weight gradient", with a stride "3×3 3→8 by 2 forward".</summary>
    public override string ToString() =>
        $"{KernelSize}×{KernelSize} {InChannels}→{OutChannels} {(Stride > 1 ? $"by {Stride} " : "")}{(WeightGradient ? Gradient : Forward)}";
}

/// <summary>How the ILGPU backend computes a convolution or its weight gradient.</summary>
internal enum Conv2dVariant
{
    /// <summary>One thread per output element. Right for every size, and for those too small for the others.</summary>
    Plain,

    /// <summary>A thread computes five neighbouring pixels (weight gradient: three, five or eight weights) of a block of channels.</summary>
    Strip,

    /// <summary>Forward with up to three output channels: a thread computes seven pixels of one, its lanes run along the summed elements.</summary>
    Dot,

    /// <summary>A group of threads computes a tile of the matrix product in shared memory.</summary>
    Tile,
}

/// <summary>A variant and its sizes.</summary>
/// <param name="Variant">The kernel.</param>
/// <param name="Lanes">Channels one thread works on: 1, 4, 8, 16 or 32; in a dot 8 or 16, in a tile 4 or 8.</param>
/// <param name="Threads">Threads of a tile's group, which are also its rows: 64 or 128.</param>
/// <param name="Swapped">Weight gradient: see <see cref="Conv2dTask.Swap"/>.</param>
internal readonly record struct Conv2dPlan(Conv2dVariant Variant, int Lanes = 1, int Threads = 0, bool Swapped = false)
{
    /// <summary>Pixels per thread of a strip: with 32 lanes ten 512-bit accumulators, enough to hide the latency of a fused multiply–add.</summary>
    public const int StripPixels = 5;

    /// <summary>Pixels per thread of a dot: with 16 lanes the registers have room for seven, and the rows of training patches (21 of 25) divide by it.</summary>
    public const int DotPixels = 7;

    private static readonly (int Size, double Efficiency)[] Blocks = [(1, 0.05), (4, 0.25), (8, 0.5), (16, 0.8), (32, 1.0)];

    /// <summary>Measured on PoCL, at 5×5 64→32.</summary>
    private static readonly (int Size, double Efficiency)[] WeightStrips = [(3, 0.78), (5, 0.91), (8, 1.0)];

    private static readonly Conv2dPlan[] Every =
    [
        new(Conv2dVariant.Plain),
        new(Conv2dVariant.Strip, 1), new(Conv2dVariant.Strip, 4), new(Conv2dVariant.Strip, 8), new(Conv2dVariant.Strip, 16), new(Conv2dVariant.Strip, 32),
        new(Conv2dVariant.Dot, 8), new(Conv2dVariant.Dot, 16),
        new(Conv2dVariant.Tile, 4, 64), new(Conv2dVariant.Tile, 4, 128), new(Conv2dVariant.Tile, 8, 64), new(Conv2dVariant.Tile, 8, 128),
    ];

    /// <summary>The plan for a class of devices.</summary>
    /// <param name="choices">What was measured or recorded for this very device; it comes first.</param>
    public static Conv2dPlan For(Conv2dTask task, DeviceClass device, KernelChoices choices) => choices.Find(task) ?? For(task, device);

    /// <summary>The plan for a class of devices, by rule.</summary>
    public static Conv2dPlan For(Conv2dTask task, DeviceClass device)
    {
        // On PoCL the weight gradient of 56→12 or 56→9 channels takes a half to a third of the time along the 56 (measured by --tune).
        var isNarrow = device == DeviceClass.Cpu ? LanesFor(task.InChannels, device) > LanesFor(task.OutChannels, device) : task is { OutChannels: < 8, InChannels: >= 8 };
        if (isNarrow && task is { WeightGradient: true, Stride: 1 } && Suits(task.Swap(), new(Conv2dVariant.Strip)))
            return For(task.Swap(), device) with { Swapped = true };
        if (device == DeviceClass.Gpu && task.OutChannels >= 16) return Tile(task);
        if (!task.WeightGradient && task.OutChannels < 4)
        {
            // Lanes run along the S·C elements of a tap row and must divide them.
            var dots = Every.Where(plan => plan.Variant == Conv2dVariant.Dot && Suits(task, plan)).ToArray();
            if (dots.Length > 0) return dots[^1];
        }
        var strip = new Conv2dPlan(Conv2dVariant.Strip, LanesFor(task.OutChannels, device));
        return Suits(task, strip) ? strip : new(Conv2dVariant.Plain);
    }

    /// <summary>Every plan that computes the task, slow ones included: what tests run and tuning measures.</summary>
    public static IEnumerable<Conv2dPlan> All(Conv2dTask task)
    {
        var direct = Every.Where(plan => Suits(task, plan));
        return task is { WeightGradient: true, Stride: 1 } ? direct.Concat(Every.Where(plan => Suits(task.Swap(), plan)).Select(plan => plan with { Swapped = true })) : direct;
    }

    /// <summary>Neighbouring pixels that a thread of a convolution computes.</summary>
    public int Pixels => Variant switch
    {
        Conv2dVariant.Strip => StripPixels,
        Conv2dVariant.Dot => DotPixels,
        _ => 1,
    };

    /// <summary>The plan for a picture of this width: a thread's pixels lie in one row.</summary>
    public Conv2dPlan At(int width) => width < Pixels ? new(Conv2dVariant.Plain) : this;

    /// <summary>For example "Tile 8×128".</summary>
    public override string ToString() => $"{(Swapped ? "Swapped " : "")}{Variant} {Lanes}{(Threads > 0 ? $"×{Threads}" : "")}";

    /// <summary>
    /// The lanes that waste least: blocks overlap at the end, so 12 channels cost two blocks of 8; narrow blocks use the vector
    /// registers badly.
    /// </summary>
    internal static int LanesFor(int channels, DeviceClass device) => Cheapest(device == DeviceClass.Gpu ? Blocks.AsSpan(..^1) : Blocks, channels);

    /// <summary>
    /// Of the S·C weights under a tap row those that a strip of the weight gradient takes: 8, 5 or 3; 0 where there are fewer. More of them
    /// use each load of the output gradient more often, and strips overlap at the end.
    /// </summary>
    internal static int WeightRows(int rowTerms) => Cheapest(WeightStrips, rowTerms);

    /// <summary>The size of part that covers <paramref name="whole"/> at the least cost; of equals the larger, 0 where all are too large.</summary>
    private static int Cheapest(ReadOnlySpan<(int Size, double Efficiency)> parts, int whole)
    {
        var (best, bestCost) = (0, double.PositiveInfinity);
        foreach (var (size, efficiency) in parts)
        {
            if (size > whole) break;
            var cost = Covered(whole, size) / efficiency;
            if (cost <= bestCost) (best, bestCost) = (size, cost);
        }
        return best;
    }

    /// <summary>The tile that leaves the fewest columns and rows empty; of equals the larger.</summary>
    private static Conv2dPlan Tile(in Conv2dTask task)
    {
        var columns = Covered(task.OutChannels, Conv2dTile.ColumnThreads * 8) <= Covered(task.OutChannels, Conv2dTile.ColumnThreads * 4) ? 8 : 4;
        var rows = task.Terms;
        var threads = task.WeightGradient && Covered(rows, 64) < Covered(rows, 128) ? 64 : 128;
        return new(Conv2dVariant.Tile, columns, threads);
    }

    private static bool Suits(in Conv2dTask task, in Conv2dPlan plan) => plan.Variant switch
    {
        Conv2dVariant.Strip => plan.Lanes <= task.OutChannels && (!task.WeightGradient || WeightRows(task.RowTerms) > 0),
        Conv2dVariant.Dot => task is { WeightGradient: false, OutChannels: < 4 } && task.RowTerms % plan.Lanes == 0,
        _ => true,
    };

    private static int Covered(int length, int block) => (length + block - 1) / block * block;
}
