namespace Srcnn.Kernels;

/// <summary>
/// An op as the streaming executor runs it: it computes a block of output rows from the input rows they need, and keeps nothing between
/// blocks. Output (y, x) reads inputs [y/Scale−Above, y/Scale+Below] × [x/Scale−Left, x/Scale+Right]: where it does not say otherwise,
/// single pixels. It may run on several panels at once.
/// </summary>
internal interface IRowOp : IDisposable
{
    int OutChannels { get; }

    /// <summary>Output rows per input row, and columns per column.</summary>
    int Scale => 1;

    int Above => 0;

    int Below => 0;

    int Left => 0;

    int Right => 0;

    /// <summary>What stands outside the picture.</summary>
    PaddingMode Mode => PaddingMode.Zero;

    /// <summary>Output rows come in blocks of this many, a multiple of <see cref="Scale"/>, counted from the picture's corner (the last block may be cut).</summary>
    int RowStep => Scale;

    /// <summary>Likewise output columns.</summary>
    int ColumnStep => Scale;

    /// <summary>Once per picture, before any row: what is derived from weights that may have changed.</summary>
    void Prepare() { }

    /// <summary>Computes rows [y0, y1) × columns [x0, x1) of the output, all inside the picture; y0 and x0 are multiples of the steps.</summary>
    void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1);
}
