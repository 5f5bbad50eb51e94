using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>
/// The default family: a chain of 3×3 layers with PReLU and a long skip on the low resolution, which a transposed convolution enlarges at the very end.
/// The shape of SESR's collapsed networks (Bhardwaj et al., arXiv:2103.09404), trained as it runs.
/// </summary>
/// <param name="Blocks">3×3 layers.</param>
/// <param name="Filters">Channels of all layers; vectors are full with multiples of 16.</param>
/// <param name="Channels">Colour channels.</param>
/// <param name="Border">What stands outside the picture, and outside a patch in training.</param>
public sealed record CompactConfig(int Blocks = 11, int Filters = 16, int Channels = 1, PaddingMode Border = PaddingMode.Replicate) : NetworkConfig
{
    private const int MaxBlocks = 256, MaxFilters = 4096;

    /// <summary>Side of the first kernel, and of the last one in low-resolution pixels.</summary>
    private const int EndSize = 5;

    /// <inheritdoc/>
    public override string Name => $"compact-{Blocks}-{Filters}";

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override NetworkInput Input => NetworkInput.LowResolution;

    /// <inheritdoc/>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate ? ("conv1", "deconv") : null;

    /// <inheritdoc/>
    public override string? Flaw => Beyond(Blocks, MaxBlocks, "blocks") ?? Beyond(Filters, MaxFilters, "filters") ?? ColorFlaw;

    /// <summary>Every layer keeps the size, in training too, up to the last one, whose kernel covers 5×5 pixels at any scale.</summary>
    public override Map Build(Map picture, int scale)
    {
        var head = WithSlopes(picture, 1, EndSize);
        var body = head.Repeat(2, Blocks, (x, i) => WithSlopes(x, i, 3)).Conv2d($"conv{Blocks + 1}", Filters, 3, Border);
        return (head + body).ConvTranspose2d("deconv", Channels, EndSize * scale, scale, EndSize / 2 * scale, Border, Initializers.Gaussian(0.001f));

        Map WithSlopes(Map x, int number, int size) => x.Conv2d($"conv{number}", Filters, size, Border).PRelu($"prelu{number}");
    }

    /// <summary>
    /// Out of a model of fewer blocks: its layers stand as far apart as possible, and those between pass on what they get, by the identity and slopes of 1
    /// (Net2DeeperNet; Chen et al., arXiv:1511.05641). Out of another scale: the last kernel is read at the new pixels' places.
    /// </summary>
    public override IReadOnlyList<NamedTensor> GrowFrom(ModelFile other, int scale)
    {
        if (other.Network is not CompactConfig shallow || shallow.Blocks > Blocks || (shallow.Filters, shallow.Channels) != (Filters, Channels)) return other.Tensors;
        var old = other.Tensors.ToDictionary(t => t.Name);
        List<NamedTensor> grown = [.. Layer(1, 1)];
        for (int block = 1, taken = 0; block < Blocks; block++)
        {
            grown.AddRange(IsOld(block, shallow.Blocks - 1, Blocks - 1) ? Layer(++taken + 1, block + 1)
                : [.. PassOn($"conv{block + 1}", Filters), new($"prelu{block + 1}.slope", [Filters], [.. Enumerable.Repeat(1f, Filters)])]);
        }
        return [.. grown, .. Layer(shallow.Blocks + 1, Blocks + 1), Rescaled(old["deconv.weight"], other.Scales.First, scale), old["deconv.bias"]];

        IEnumerable<NamedTensor> Layer(int source, int number) =>
            from part in new[] { ("conv", "weight"), ("conv", "bias"), ("prelu", "slope") }
            let tensor = old.GetValueOrDefault($"{part.Item1}{source}.{part.Item2}")
            where tensor is not null
            select tensor with { Name = $"{part.Item1}{number}.{part.Item2}" };
    }

    /// <summary>A kernel [C, K, 5·from, 5·from] for another scale, linear between its taps.</summary>
    private static NamedTensor Rescaled(NamedTensor kernel, int from, int to)
    {
        if (from == to) return kernel;
        int oldSide = EndSize * from, side = EndSize * to, planes = kernel.Shape[0] * kernel.Shape[1];
        var values = new float[planes * side * side];
        for (var plane = 0; plane < planes; plane++)
        for (var r = 0; r < side; r++)
        for (var s = 0; s < side; s++)
        {
            var ((r0, r1, down), (s0, s1, across)) = (Place(r), Place(s));
            values[(((plane * side) + r) * side) + s] = Mix(Mix(Old(plane, r0, s0), Old(plane, r0, s1), across), Mix(Old(plane, r1, s0), Old(plane, r1, s1), across), down);
        }
        return kernel with { Shape = [kernel.Shape[0], kernel.Shape[1], side, side], Values = values };

        float Old(int plane, int r, int s) => kernel.Values[(((plane * oldSide) + r) * oldSide) + s];

        // The two old taps around a new one, and its distance from the first.
        (int, int, float) Place(int tap)
        {
            var at = Math.Clamp(((tap + 0.5f) * from / to) - 0.5f, 0, oldSide - 1);
            var first = Math.Min((int)at, oldSide - 2);
            return (first, first + 1, at - first);
        }

        static float Mix(float a, float b, float share) => a + (share * (b - a));
    }

    /// <summary>Reads "compact-11-16" with any sizes; null if <paramref name="name"/> is no such name.</summary>
    public static CompactConfig? Parse(string name) => Sized(name, "compact", (blocks, filters) => new CompactConfig(blocks, filters));
}
