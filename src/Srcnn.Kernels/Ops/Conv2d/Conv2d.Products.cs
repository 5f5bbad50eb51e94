using ILGPU;

namespace Srcnn.Kernels;

/// <summary>
/// A convolution or its weight gradient as a matrix product: result[row, column] = Σ left[Base(row) + Offset(term)]·right[term, column].
/// Terms come in runs of neighbours, so that their offsets are found by adding.
/// </summary>
internal interface IConv2dProduct
{
    int Rows { get; }

    int Columns { get; }

    int Terms { get; }

    /// <summary>Terms in a run.</summary>
    int RunLength { get; }

    /// <summary>Elements of the left matrix from one term of a run to the next.</summary>
    int Step { get; }

    /// <summary>Parts into which the terms are cut; each has a result of its own.</summary>
    int Slices { get; }

    /// <inheritdoc cref="Conv2dSizes.Flops"/>
    double Flops { get; }

    /// <summary>Where a row begins in the left matrix.</summary>
    int Base(int row);

    /// <summary>Where a run begins, relative to that.</summary>
    int RunStart(int slice, int run);

    float Left(int index);

    float Right(int slice, int term, int column);

    /// <summary>Finishes and stores one element.</summary>
    void Store(int slice, int row, int column, float sum);
}

/// <summary>Forward: rows are output pixels, terms are the taps' input channels, a run is a row of taps, columns are output channels.</summary>
internal readonly struct Conv2dForwardProduct(
    Conv2dSizes size, ArrayView<float> input, ArrayView<float> weight, ArrayView<float> bias, int epilogue, ArrayView<float> operand, ArrayView<float> output) : IConv2dProduct
{
    public int Rows => size.OutRows * size.OutWidth;

    public int Columns => size.OutChannels;

    public int Terms => size.KernelSize * size.KernelSize * size.InChannels;

    public int RunLength => size.RowTerms;

    public int Step => 1;

    public int Slices => 1;

    public double Flops => size.Flops;

    public int Base(int row) => size.Input(row / size.OutWidth, row % size.OutWidth, 0);

    public int RunStart(int slice, int run) => run * size.InWidth * size.InChannels;

    public float Left(int index) => input[index];

    public float Right(int slice, int term, int column) => weight[term * size.OutChannels + column];

    public void Store(int slice, int row, int column, float sum)
    {
        var i = row * size.OutChannels + column;
        Conv2dEpilogues.Finish(new Lane(sum + bias[column]), epilogue, operand, i, column).Store(output, i);
    }
}

/// <summary>Weight gradient: rows are weights (r, s, c), terms are the output pixels of a slice, a run is a row of them, columns are output channels.</summary>
internal readonly struct Conv2dWeightProduct(
    Conv2dSizes size, int slices, int sliceRows, ArrayView<float> input, ArrayView<float> outputGrad, ArrayView<float> partial) : IConv2dProduct
{
    public int Rows => size.KernelSize * size.KernelSize * size.InChannels;

    public int Columns => size.OutChannels;

    public int Terms => sliceRows * size.OutWidth;

    public int RunLength => size.OutWidth;

    public int Step => size.Stride * size.InChannels;

    public int Slices => slices;

    public double Flops => size.Flops;

    public int Base(int row) => size.Tap(row);

    // The last slice may be short: its missing rows read the last row again, and Right makes them nothing.
    public int RunStart(int slice, int run) => size.Input(IntrinsicMath.Min(slice * sliceRows + run, size.OutRows - 1), 0, 0);

    public float Left(int index) => input[index];

    public float Right(int slice, int term, int column)
    {
        var pixel = slice * Terms + term;
        return pixel < size.OutRows * size.OutWidth ? outputGrad[pixel * size.OutChannels + column] : 0f;
    }

    public void Store(int slice, int row, int column, float sum) => partial[(slice * Rows + row) * size.OutChannels + column] = sum;
}
