using Srcnn.Engine.Models;

namespace Srcnn.Bench.Peers;

/// <summary>One layer in PyTorch's order, [K, C, R, S]; every layer but the last is followed by a ReLU.</summary>
internal sealed record ConvolutionWeights(string Name, int InChannels, int OutChannels, int KernelSize, float[] Weight, float[] Bias)
{
    /// <summary>The layers of a network from its tensors in file order: weight, bias, weight, bias, …</summary>
    public static IReadOnlyList<ConvolutionWeights> From(IReadOnlyList<NamedTensor> tensors) =>
    [
        .. tensors.Chunk(2).Select(pair => new ConvolutionWeights(
            pair[0].Name[..pair[0].Name.IndexOf('.', StringComparison.Ordinal)], pair[0].Shape[1], pair[0].Shape[0], pair[0].Shape[2], pair[0].Values, pair[1].Values)),
    ];
}
