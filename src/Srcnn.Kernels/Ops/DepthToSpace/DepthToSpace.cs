using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// output[n,y·b+i,x·b+j,c] = input[n,y,x,(i·b+j)·C+c] with b = <paramref name="block"/>: every pixel becomes b×b pixels of a b²-th of its
    /// channels. Overwrites.
    /// </summary>
    void DepthToSpace(int block, Tensor input, Tensor output);

    /// <summary>The way back: output[n,y,x,(i·b+j)·C+c] = input[n,y·b+i,x·b+j,c]; both its inverse and its adjoint. Overwrites.</summary>
    void SpaceToDepth(int block, Tensor input, Tensor output);
}

/// <summary>
/// Channels last, the b·C values that a deep pixel gives to one row of the picture lie side by side on both sides: the op moves runs.
/// </summary>
internal static class DepthToSpaceRuns
{
    public static void Check(int block, Tensor deep, Tensor wide)
    {
        var d = deep.Shape;
        ShapeException.ThrowUnless(d, new Shape(wide.Shape.N, wide.Shape.H / block, wide.Shape.W / block, wide.Shape.C * block * block), "depth to space: deep side");
        ShapeException.ThrowUnless(wide.Shape, new Shape(d.N, d.H * block, d.W * block, d.C / (block * block)), "depth to space: wide side");
    }

    /// <summary>Moves deep to wide, or back: from one tensor to the other, whose elements in memory are given too.</summary>
    public static void Move<T>(int block, Tensor deep, Tensor wide, Span<T> deepElements, Span<T> wideElements, bool back)
    {
        Check(block, deep, wide);
        var shape = deep.Shape;
        int run = shape.C / block, row = shape.W * run;
        for (var y = 0; y < shape.N * shape.H; y++)
        for (var i = 0; i < block; i++)
        for (var x = 0; x < shape.W; x++)
        {
            var inside = deepElements.Slice((((y * shape.W) + x) * shape.C) + (i * run), run);
            var outside = wideElements.Slice((((y * block) + i) * row) + (x * run), run);
            if (back) outside.CopyTo(inside);
            else inside.CopyTo(outside);
        }
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void DepthToSpace(int block, Tensor input, Tensor output) => DepthToSpaceRuns.Move(block, input, output, Elements(input), Elements(output), back: false);

    /// <inheritdoc/>
    public void SpaceToDepth(int block, Tensor input, Tensor output) => DepthToSpaceRuns.Move(block, output, input, Elements(output), Elements(input), back: true);
}

public sealed partial class HostBackend
{
    /// <inheritdoc/>
    public void DepthToSpace(int block, Tensor input, Tensor output) => DepthToSpaceRuns.Move(block, input, output, Elements(input), Elements(output), back: false);

    /// <inheritdoc/>
    public void SpaceToDepth(int block, Tensor input, Tensor output) => DepthToSpaceRuns.Move(block, output, input, Elements(output), Elements(input), back: true);
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void DepthToSpace(int block, Tensor input, Tensor output)
    {
        DepthToSpaceRuns.Check(block, input, output);
        ForRows(output.Shape.N * output.Shape.H, output.Shape.W * output.Shape.C, new DepthToSpaceKernel(block, input.Shape, 0, View(input), View(output)));
    }

    /// <inheritdoc/>
    public void SpaceToDepth(int block, Tensor input, Tensor output)
    {
        DepthToSpaceRuns.Check(block, output, input);
        ForRows(input.Shape.N * input.Shape.H, input.Shape.W * input.Shape.C, new DepthToSpaceKernel(block, output.Shape, 1, View(input), View(output)));
    }
}

/// <summary>Rows are those of the wide side.</summary>
internal readonly struct DepthToSpaceKernel(int block, Shape deep, int back, ArrayView<float> source, ArrayView<float> target) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var run = deep.C / block;
        var inside = (row / block * deep.W + column / run) * deep.C + row % block * run + column % run;
        var wide = row * deep.W * run + column;
        if (back != 0) target[inside] = source[wide];
        else target[wide] = source[inside];
    }
}
