namespace Srcnn.Kernels;

/// <summary>
/// Every pixel becomes block×block pixels of as many times fewer channels: a sub-pixel layer's end (Shi et al., arXiv:1609.05158). Maps hold a block's pixels
/// one after the other, files as PyTorch does; the convolution before it knows (<see cref="Parameter.Block"/>).
/// </summary>
internal sealed class DepthToSpace(int block) : Op
{
    /// <inheritdoc/>
    public override string Name => "depth to space";

    /// <inheritdoc/>
    public override int Scale => block;

    /// <inheritdoc/>
    public override int Channels(IReadOnlyList<int> inputs) => inputs[0] / (block * block);

    /// <inheritdoc/>
    public override Shape Output(Edges edges, IReadOnlyList<Shape> inputs) =>
        new(inputs[0].N, inputs[0].H * block, inputs[0].W * block, inputs[0].C / (block * block));

    /// <inheritdoc/>
    public override void Forward(in OpRun run)
    {
        using var timed = run.Time(ForwardPass);
        run.Backend.DepthToSpace(block, run.Input(), run.Output);
    }

    /// <inheritdoc/>
    public override void Backward(in OpRun run)
    {
        if (!run.Wants()) return;
        using var timed = run.Time(InputPass);
        run.Backend.SpaceToDepth(block, run.OutputGrad, run.InputGrad());
    }

    /// <inheritdoc/>
    internal override bool TryStream(RowBuild rows, int[] inputs)
    {
        rows.Graph.Add(new DepthToSpaceRowOp(block, rows.Graph.Channels(inputs[0]) / (block * block)), inputs);
        return true;
    }

    /// <inheritdoc/>
    public override string Export(INodeWriter nodes, IReadOnlyList<string> inputs) => nodes.Add("DepthToSpace", inputs, ("blocksize", block), ("mode", "CRD"));
}

/// <summary>The word for a convolution and it.</summary>
public static class SubPixelWord
{
    /// <summary>What sub-pixel layers enlarge by, one after the other, for a whole factor: doubling as often as it goes.</summary>
    public static IEnumerable<int> Factors(int scale)
    {
        for (; scale % 2 == 0; scale /= 2) yield return 2;
        if (scale > 1) yield return scale;
    }

    /// <summary>A convolution to block² times the channels, whose pixels then become block×block pixels.</summary>
    /// <param name="input">What it reads.</param>
    /// <param name="name">Prefix of the parameter names.</param>
    /// <param name="channels">Of its output.</param>
    /// <param name="kernel">Side of the kernel in input pixels; odd.</param>
    /// <param name="block">The factor.</param>
    /// <param name="border">What stands outside the picture.</param>
    /// <param name="start">Draws the first weights; null as He et al.</param>
    public static Map SubPixel(
        this Map input, string name, int channels, int kernel, int block, PaddingMode border = PaddingMode.Replicate, Initializer? start = null)
    {
        var geometry = new Conv2dGeometry(input.Channels, channels * block * block, kernel, Padding.Same(kernel, border));
        return input.Then(new Conv2d(name, geometry, start ?? Initializers.He, block)).Then(new DepthToSpace(block));
    }
}
