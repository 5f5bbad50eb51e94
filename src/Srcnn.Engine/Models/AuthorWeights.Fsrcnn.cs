using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>
/// FSRCNN (arXiv:1608.00367): cells <c>weights_conv</c>, <c>biases_conv</c> and <c>prelu_conv</c>, a layer each. Weights are (in, f², out), of the
/// last, transposed one (1, f², in); a kernel's f² values run down its columns. PReLU has one slope per layer, the last layer none.
/// </summary>
internal sealed class FsrcnnLayout : AuthorLayout
{
    private const string Paper = "FSRCNN has weights, biases and slopes of m + 4 layers";

    public override bool Matches(MatFile file) => Cells(file, "weights_conv") is not null && Cells(file, "prelu_conv") is not null;

    public override AuthorModel Read(MatFile file)
    {
        var (weights, biases, slopes) = (Layers(file, "weights_conv"), Layers(file, "biases_conv"), Layers(file, "prelu_conv"));
        var last = weights.Length - 1;
        if (last < 3 || biases.Length != weights.Length || slopes.Length < last)
            throw Refuse(file, $"{weights.Length} weights, {biases.Length} biases and {slopes.Length} slopes", Paper);

        List<NamedTensor> tensors = [];
        var channels = 1;
        for (var i = 0; i < last; i++)
        {
            var filters = biases[i].Values.Length;
            tensors.Add(Weight(file, i, weights[i], filters, channels, i == 0 ? 5 : i == 1 || i == last - 1 ? 1 : 3));
            tensors.Add(Vector($"conv{i + 1}.bias", biases[i]));
            tensors.Add(slopes[i].Values.Length == 1 ? Vector($"prelu{i + 1}.slope", slopes[i]) : throw Refuse(file, $"{slopes[i].Values.Length} slopes in layer {i + 1}", "one was expected"));
            channels = filters;
        }
        // The transposed layer's inputs stand where the others have their filters, and so they do in PyTorch's order.
        tensors.Add(Weight(file, last, weights[last], channels, 1, 9) with { Name = "deconv.weight" });
        tensors.Add(Vector("deconv.bias", biases[last]));
        var config = new FsrcnnConfig(biases[0].Values.Length, biases[1].Values.Length, last - 3, SharedSlopes: true);
        return new AuthorModel(config, tensors);
    }

    private static MatCell? Cells(MatFile file, string name) => file.Variables.GetValueOrDefault(name) as MatCell;

    private static MatNumeric[] Layers(MatFile file, string name) =>
        [.. (Cells(file, name)?.Cells ?? throw Refuse(file, $"no cells under '{name}'", Paper)).Select((cell, i) => Numbers(file, cell, $"{name}{{{i + 1}}}", Paper))];

    private static NamedTensor Weight(MatFile file, int layer, MatNumeric array, int filters, int channels, int size)
    {
        int[] expected = [channels, size * size, filters];
        if (!HasDims(array, expected))
            throw Refuse(file, $"'weights_conv{{{layer + 1}}}' is {string.Join("x", array.Dims)}", $"{string.Join("x", expected)} was expected");
        return Weight($"conv{layer + 1}.weight", array, filters, channels, size);
    }
}
