using System.Numerics;
using ILGPU;

namespace Srcnn.Kernels;

public partial interface IBackend
{
    /// <summary>
    /// output[n,y,x,c] = input[n,y,x,c] + skip[n,y+top,x+left,c], a residual connection; input and output have one shape, the skip may be
    /// larger on every side. Overwrites.
    /// </summary>
    void Add(Tensor input, Tensor skip, int top, int left, Tensor output);
}

internal static class AddReference<T>
    where T : INumber<T>
{
    public static void Run(View<T> input, View<T> skip, int top, int left, View<T> output)
    {
        for (var n = 0; n < output.Shape.N; n++)
        for (var y = 0; y < output.Shape.H; y++)
        for (var x = 0; x < output.Shape.W; x++)
        for (var c = 0; c < output.Shape.C; c++)
            output[n, y, x, c] = input[n, y, x, c] + skip[n, y + top, x + left, c];
    }

    public static void Check(Tensor input, Tensor skip, int top, int left, Tensor output)
    {
        ShapeException.ThrowUnless(input.Shape, output.Shape, "add: input");
        Shape window = output.Shape, whole = skip.Shape;
        if (whole with { H = window.H, W = window.W } != window || top < 0 || left < 0 || top + window.H > whole.H || left + window.W > whole.W)
            throw new ShapeException($"add: the window of {window} at ({top}, {left}) leaves the skip of {whole}");
    }
}

public sealed partial class ReferenceBackend
{
    /// <inheritdoc/>
    public void Add(Tensor input, Tensor skip, int top, int left, Tensor output)
    {
        AddReference<double>.Check(input, skip, top, left, output);
        AddReference<double>.Run(View(input), View(skip), top, left, View(output));
    }
}

public sealed unsafe partial class HostBackend
{
    /// <inheritdoc/>
    public void Add(Tensor input, Tensor skip, int top, int left, Tensor output)
    {
        AddReference<float>.Check(input, skip, top, left, output);
        Shape window = output.Shape, whole = skip.Shape;
        for (var row = 0; row < window.N * window.H; row++)
        {
            var from = ((row / window.H * whole.H) + (row % window.H) + top) * (nint)whole.W + left;
            var at = (nint)row * window.W * window.C;
            AddRow(Pointer(input) + at, Pointer(skip) + (from * window.C), Pointer(output) + at, window.W * window.C);
        }
    }

    internal static void AddRow(float* left, float* right, float* sum, int count)
    {
        var i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count) (Vector.Load(left + i) + Vector.Load(right + i)).Store(sum + i);
        for (; i < count; i++) sum[i] = left[i] + right[i];
    }
}

public sealed partial class IlgpuBackend
{
    /// <inheritdoc/>
    public void Add(Tensor input, Tensor skip, int top, int left, Tensor output)
    {
        AddReference<float>.Check(input, skip, top, left, output);
        ForRows(output.Shape.N * output.Shape.H, output.Shape.W * output.Shape.C, new AddKernel(output.Shape, skip.Shape, top, left, View(input), View(skip), View(output)));
    }
}

internal readonly struct AddKernel(
    Shape window, Shape whole, int top, int left, ArrayView<float> input, ArrayView<float> skip, ArrayView<float> output) : IRowKernel
{
    public void Execute(int row, int column)
    {
        var i = row * window.W * window.C + column;
        var from = ((row / window.H * whole.H + row % window.H + top) * whole.W + left) * whole.C;
        output[i] = input[i] + skip[from + column];
    }
}
