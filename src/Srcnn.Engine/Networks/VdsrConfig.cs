using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>VDSR (Kim et al., arXiv:1511.04587): many 3×3 convolutions predict what the bicubic enlargement lacks; one model serves several scales.</summary>
/// <param name="Depth">Convolutions, D.</param>
/// <param name="Filters">Channels of all layers but the last.</param>
/// <param name="Channels">Colour channels.</param>
/// <param name="Border">What stands outside the picture, and outside a patch in training. The authors' is zero; with replication training can be centred.</param>
public sealed record VdsrConfig(int Depth = 20, int Filters = 64, int Channels = 1, PaddingMode Border = PaddingMode.Replicate) : NetworkConfig
{
    private const int MaxDepth = 256, MaxFilters = 4096;

    /// <inheritdoc/>
    public override string Name => (Depth, Filters) == (20, 64) ? "vdsr" : $"vdsr-{Depth}-{Filters}";

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override string? Flaw => Beyond(Depth, MaxDepth, "layers", least: 2) ?? Beyond(Filters, MaxFilters, "filters") ?? ColorFlaw;

    /// <inheritdoc/>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate ? ("conv1", null) : null;

    /// <summary>Every layer keeps the size, in training too. The last one starts small, so that training begins at the quality of the bicubic input.</summary>
    public override Map Build(Map picture, int scale) => picture + picture
        .Repeat(1, Depth - 1, (x, i) => x.Conv2d($"conv{i}", Filters, 3, Border).Relu())
        .Conv2d($"conv{Depth}", Channels, 3, Border, Initializers.Gaussian(0.001f));

    /// <summary>
    /// Out of a shallower model: its layers stand as far apart as possible, in their order, and those between pass on what they get, which a ReLU leaves
    /// as it is (Net2DeeperNet; Chen et al., arXiv:1511.05641). Training a shallow network first and a deep one from there saves most of the time.
    /// </summary>
    public override IReadOnlyList<NamedTensor> GrowFrom(ModelFile other, int scale)
    {
        var tensors = other.Tensors;
        if (other.Network is not VdsrConfig { Depth: > 2 } shallow || shallow.Depth >= Depth || shallow.Filters != Filters) return tensors;
        List<NamedTensor> grown = [];
        for (int layer = 1, taken = 0; layer <= Depth; layer++)
        {
            var isOld = layer == 1 || layer == Depth || IsOld(layer - 1, shallow.Depth - 2, Depth - 2);
            grown.AddRange(isOld ? Old(++taken, layer) : PassOn($"conv{layer}", Filters));
        }
        return grown;

        IEnumerable<NamedTensor> Old(int source, int layer) =>
            tensors.Where(t => t.Name.StartsWith($"conv{source}.", StringComparison.Ordinal)).Select(t => t with { Name = $"conv{layer}.{t.Name.Split('.')[1]}" });
    }

    /// <summary>Reads "vdsr" and "vdsr-8-32" with other sizes; null if <paramref name="name"/> is no such name.</summary>
    public static VdsrConfig? Parse(string name) =>
        name == "vdsr" ? new VdsrConfig() : Sized(name, "vdsr", (depth, filters) => new VdsrConfig(depth, filters));
}
