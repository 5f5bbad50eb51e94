using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Engine.Models;

/// <summary>VDSR (arXiv:1511.04587): a structure <c>model</c> with cells <c>weight</c>, each (3, 3, in, out), and <c>bias</c>. One file for all scales.</summary>
internal sealed class VdsrLayout : AuthorLayout
{
    private const string Paper = "VDSR has weights and biases of 3×3 convolutions";

    public override bool Matches(MatFile file) => Cells(file, "weight") is not null && Cells(file, "bias") is not null;

    public override AuthorModel Read(MatFile file)
    {
        var weights = Cells(file, "weight")!.Cells.Select((cell, i) => Numbers(file, cell, $"model.weight{{{i + 1}}}", Paper)).ToArray();
        var biases = Cells(file, "bias")!.Cells.Select((cell, i) => Numbers(file, cell, $"model.bias{{{i + 1}}}", Paper)).ToArray();
        if (weights.Length < 2 || weights.Length != biases.Length)
            throw Refuse(file, $"{weights.Length} weights and {biases.Length} biases", "as many of both, at least two, were expected");

        var channels = 1;
        List<NamedTensor> tensors = [];
        for (var i = 0; i < weights.Length; i++)
        {
            var filters = biases[i].Values.Length;
            tensors.Add(Weight(file, i + 1, weights[i], filters, channels));
            tensors.Add(Vector($"conv{i + 1}.bias", biases[i]));
            channels = filters;
        }
        return new AuthorModel(new VdsrConfig(weights.Length, biases[0].Values.Length, Border: PaddingMode.Zero), tensors, new Scales(2, 3, 4));
    }

    // MATLAB's columns run first: element (r, s, c, k) lies at r + 3·(s + 3·(c + C·k)).
    private static NamedTensor Weight(MatFile file, int layer, MatNumeric array, int filters, int channels)
    {
        int[] expected = [3, 3, channels, filters];
        if (!HasDims(array, expected))
            throw Refuse(file, $"'model.weight{{{layer}}}' is {string.Join("x", array.Dims)}", $"{string.Join("x", expected)} was expected");
        var values = new float[array.Values.Length];
        for (var plane = 0; plane < filters * channels; plane++)
        for (var r = 0; r < 3; r++)
        for (var s = 0; s < 3; s++)
            values[(plane * 9) + (r * 3) + s] = (float)array.Values[(plane * 9) + (s * 3) + r];
        return new NamedTensor($"conv{layer}.weight", [filters, channels, 3, 3], values);
    }

    private static MatCell? Cells(MatFile file, string field) => (file.Variables.GetValueOrDefault("model") as MatStruct)?.Field(field) as MatCell;
}
