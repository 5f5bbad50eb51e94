
namespace Srcnn.Kernels;

/// <summary>One tensor of a network. Backends hold convolution weights as [R, S, C, K]; files hold them as PyTorch does, [K, C, R, S].</summary>
/// <param name="Name">As in model files: "conv1.weight".</param>
/// <param name="Shape">Extents on a backend.</param>
/// <param name="Initializer">Draws the first values.</param>
/// <param name="InputFirst">Files hold [C, K, R, S], as PyTorch does for transposed convolutions.</param>
/// <param name="IsTrained">Whether training steps along its gradient; otherwise it is statistics that training keeps.</param>
/// <param name="Block">
/// Side of the block of pixels that an output pixel becomes (<see cref="IBackend.DepthToSpace"/>): backends hold the outputs pixel by pixel of the block, files
/// channel by channel of the result, as PyTorch does.
/// </param>
public sealed record Parameter(string Name, Shape Shape, Initializer Initializer, bool InputFirst = false, bool IsTrained = true, int Block = 1)
{
    /// <summary>Extents in a file: [K, C, R, S] or [C, K, R, S] for weights, [K] for vectors.</summary>
    public int[] FileShape => IsVector ? [Shape.C] : InputFirst ? [Shape.W, Shape.C, Shape.N, Shape.H] : [Shape.C, Shape.W, Shape.N, Shape.H];

    private bool IsVector => (Shape.N, Shape.H, Shape.W) == (1, 1, 1);

    /// <summary>Reorders values from the backend's order into the file's.</summary>
    public float[] ToFile(ReadOnlySpan<float> values) => Reorder(values, toFile: true);

    /// <summary>Reorders values from the file's order into the backend's.</summary>
    public float[] FromFile(ReadOnlySpan<float> values) => Reorder(values, toFile: false);

    private float[] Reorder(ReadOnlySpan<float> values, bool toFile)
    {
        var reordered = new float[values.Length];
        var (taps, inner) = (Shape.N * Shape.H, Shape.W);
        for (var rs = 0; rs < taps; rs++)
        for (var c = 0; c < inner; c++)
        for (var k = 0; k < Shape.C; k++)
        {
            var filter = FilterInFile(k);
            var (onBackend, inFile) = ((rs * inner + c) * Shape.C + k, (InputFirst ? c * Shape.C + filter : filter * inner + c) * taps + rs);
            if (toFile) reordered[inFile] = values[onBackend];
            else reordered[onBackend] = values[inFile];
        }
        return reordered;
    }

    /// <summary>The place in a file of output <paramref name="k"/>, which is channel k mod (K/Block²) of a pixel of the block.</summary>
    private int FilterInFile(int k)
    {
        var (pixels, channels) = (Block * Block, Shape.C / (Block * Block));
        return (k % channels * pixels) + (k / channels);
    }
}
