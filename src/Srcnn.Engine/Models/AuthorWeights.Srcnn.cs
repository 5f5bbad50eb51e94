using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>
/// SRCNN (arXiv:1501.00092): <c>weights_conv1</c> (f₁², n₁), <c>weights_conv2</c> (n₁, f₂², n₂), <c>weights_conv3</c> (n₂, f₃²)
/// and <c>biases_conv1…3</c>, column-major, sizes of 1 kept or dropped. A kernel's f² values run down its columns, and the
/// authors' program correlates without flipping, so value p is the tap of row p mod f and column p / f.
/// </summary>
internal sealed class SrcnnLayout : AuthorLayout
{
    public override bool Matches(MatFile file) => Enumerable.Range(1, 3).All(i => file.Variables.ContainsKey($"weights_conv{i}"));

    public override AuthorModel Read(MatFile file)
    {
        var biases = Enumerable.Range(1, 3).Select(i => Numbers(file, $"biases_conv{i}")).ToArray();
        var (n1, n2, channels) = (biases[0].Values.Length, biases[1].Values.Length, biases[2].Values.Length);
        if (n1 == 0 || n2 == 0 || channels != 1)
            throw Refuse(file, $"{n1}, {n2} and {channels} biases", "n1, n2 and one for the luma channel were expected");
        var weights = Enumerable.Range(1, 3).Select(i => Numbers(file, $"weights_conv{i}")).ToArray();
        var f1 = KernelSize(file, 1, weights[0], taps => [taps, n1]);
        var f2 = KernelSize(file, 2, weights[1], taps => [n1, taps, n2]);
        var f3 = KernelSize(file, 3, weights[2], taps => [n2, taps]);
        NamedTensor[] tensors =
        [
            Weight("conv1.weight", weights[0], n1, 1, f1), Vector("conv1.bias", biases[0]),
            Weight("conv2.weight", weights[1], n2, n1, f2), Vector("conv2.bias", biases[1]),
            Weight("conv3.weight", weights[2], 1, n2, f3), Vector("conv3.bias", biases[2]),
        ];
        return new AuthorModel(new SrcnnConfig(f1, f2, f3, n1, n2, channels), tensors);
    }

    private static MatNumeric Numbers(MatFile file, string name) => Numbers(file, file.Numeric(name), name, "SRCNN has weights and biases of three layers");

    /// <summary>f of a layer whose array is, but for sizes of 1, <paramref name="dims"/>(f²).</summary>
    private static int KernelSize(MatFile file, int layer, MatNumeric array, Func<int, int[]> dims)
    {
        var taps = array.Values.Length / dims(1).Aggregate(1L, (product, size) => product * size);
        var size = (int)Math.Round(Math.Sqrt(taps));
        var expected = dims(size * size);
        if (size % 2 == 0 || !HasDims(array, expected))
            throw Refuse(file, $"'weights_conv{layer}' is {string.Join("x", array.Dims)}",
                $"{string.Join("x", dims(-1).Select(d => d < 0 ? "f²" : $"{d}"))} with an odd f was expected");
        return size;
    }
}
