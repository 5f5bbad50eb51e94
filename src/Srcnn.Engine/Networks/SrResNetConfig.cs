using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>
/// SRResNet (Ledig et al., arXiv:1609.04802), the generator of SRGAN: residual blocks on the low resolution under a long skip, then sub-pixel layers.
/// </summary>
/// <param name="Blocks">Residual blocks, B.</param>
/// <param name="Filters">Channels of all maps.</param>
/// <param name="Channels">Colour channels.</param>
/// <param name="Border">What stands outside the picture; zeros in the paper.</param>
/// <param name="SharedSlopes">One PReLU slope for all channels of a layer instead of one for each.</param>
/// <param name="BodyNorm">The paper's batch normalisation under the long skip; otherwise slopes stand there, as in leftthomas/SRGAN.</param>
/// <param name="BoundedOutput">The picture comes out of a sigmoid, as in leftthomas/SRGAN, whose (tanh x + 1)/2 is the sigmoid of 2x.</param>
public sealed record SrResNetConfig(
    int Blocks = 16, int Filters = 64, int Channels = 3, PaddingMode Border = PaddingMode.Zero, bool SharedSlopes = false, bool BodyNorm = true,
    bool BoundedOutput = false) : NetworkConfig
{
    private const int MaxBlocks = 256, MaxFilters = 4096;

    /// <inheritdoc/>
    public override string Name => (Blocks, Filters) == (16, 64) ? "srresnet" : $"srresnet-{Blocks}-{Filters}";

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override NetworkInput Input => NetworkInput.LowResolution;

    /// <inheritdoc/>
    public override string? Flaw => Beyond(Blocks, MaxBlocks, "blocks") ?? Beyond(Filters, MaxFilters, "filters") ?? ColorFlaw;

    /// <inheritdoc/>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate && !BoundedOutput ? ("head", "tail") : null;

    /// <inheritdoc/>
    public override Map Build(Map picture, int scale)
    {
        var head = picture.Conv2d("head", Filters, 9, Border).PRelu("head.prelu", SharedSlopes);
        var body = head.Repeat(1, Blocks, Block).Conv2d("body", Filters, 3, Border);
        var features = head + (BodyNorm ? body.BatchNorm("body.bn") : body.PRelu("body.prelu", SharedSlopes));
        var enlarged = SubPixelWord.Factors(scale).Index().Aggregate(features, (x, up) =>
            x.SubPixel($"up{up.Index + 1}", Filters, 3, up.Item, Border).PRelu($"up{up.Index + 1}.prelu", SharedSlopes));
        var result = enlarged.Conv2d("tail", Channels, 9, Border);
        return BoundedOutput ? result.Sigmoid() : result;
    }

    private Map Block(Map x, int number)
    {
        var name = $"block{number}";
        return x + x
            .Conv2d($"{name}.conv1", Filters, 3, Border).BatchNorm($"{name}.bn1").PRelu($"{name}.prelu", SharedSlopes)
            .Conv2d($"{name}.conv2", Filters, 3, Border).BatchNorm($"{name}.bn2");
    }

    /// <summary>Reads "srresnet" and "srresnet-8-32" with other sizes; null if <paramref name="name"/> is no such name.</summary>
    public static SrResNetConfig? Parse(string name) =>
        name == "srresnet" ? new SrResNetConfig() : Sized(name, "srresnet", (blocks, filters) => new SrResNetConfig(blocks, filters));
}
