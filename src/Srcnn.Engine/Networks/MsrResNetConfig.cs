using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>
/// BasicSR's SRResNet (Wang et al., arXiv:1809.00219; code XPixelGroup/BasicSR): no batch normalisation, short blocks, and the bilinear enlargement as base,
/// of which the network only says what it lacks.
/// </summary>
/// <param name="Blocks">Residual blocks.</param>
/// <param name="Filters">Channels of all maps.</param>
/// <param name="Channels">Colour channels.</param>
/// <param name="Border">What stands outside the picture; zeros in BasicSR.</param>
public sealed record MsrResNetConfig(int Blocks = 16, int Filters = 64, int Channels = 3, PaddingMode Border = PaddingMode.Zero) : NetworkConfig
{
    private const int MaxBlocks = 256, MaxFilters = 4096;

    /// <summary>BasicSR's; weights of the blocks begin at a tenth of He's, so that they begin as almost nothing.</summary>
    private const float Leak = 0.1f, Small = 0.1f;

    /// <inheritdoc/>
    public override string Name => (Blocks, Filters) == (16, 64) ? "msrresnet" : $"msrresnet-{Blocks}-{Filters}";

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override NetworkInput Input => NetworkInput.LowResolution;

    /// <inheritdoc/>
    public override string? Flaw => Beyond(Blocks, MaxBlocks, "blocks") ?? Beyond(Filters, MaxFilters, "filters") ?? ColorFlaw;

    /// <summary>The bilinear base passes a constant by itself.</summary>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate ? ("conv_first", null) : null;

    /// <inheritdoc/>
    public override Map Build(Map picture, int scale)
    {
        var start = Initializers.He(Small);
        var body = Conv(picture, "conv_first").LeakyRelu(Leak)
            .Repeat(0, Blocks - 1, (x, i) => x + Conv(Conv(x, $"body.{i}.conv1").Relu(), $"body.{i}.conv2"));
        var enlarged = SubPixelWord.Factors(scale).Index()
            .Aggregate(body, (x, up) => x.SubPixel($"upconv{up.Index + 1}", Filters, 3, up.Item, Border, start).LeakyRelu(Leak));
        return picture.Resize(scale, ResizeMode.Bilinear) + Conv(enlarged, "conv_hr").LeakyRelu(Leak).Conv2d("conv_last", Channels, 3, Border, start);

        Map Conv(Map x, string name) => x.Conv2d(name, Filters, 3, Border, start);
    }

    /// <summary>Reads "msrresnet" and "msrresnet-8-32" with other sizes; null if <paramref name="name"/> is no such name.</summary>
    public static MsrResNetConfig? Parse(string name) =>
        name == "msrresnet" ? new MsrResNetConfig() : Sized(name, "msrresnet", (blocks, filters) => new MsrResNetConfig(blocks, filters));
}
