using System.Globalization;
using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>
/// FSRCNN (Dong et al., arXiv:1608.00367): works on the low-resolution picture, with few channels in its middle, and enlarges at the very end
/// by a transposed convolution.
/// </summary>
/// <param name="D">Channels of the features, d.</param>
/// <param name="S">Channels of the mapping, s.</param>
/// <param name="M">Layers of the mapping, m.</param>
/// <param name="Channels">Colour channels.</param>
/// <param name="Border">What stands outside the picture when a whole picture is enlarged.</param>
/// <param name="SharedSlopes">One PReLU slope per layer, as in the authors' files, instead of one per channel.</param>
/// <param name="Offset">
/// Where the transposed convolution's kernel stands (see <see cref="ConvTranspose2dGeometry"/>); null takes what the authors' weights want: 3 at ×3,
/// which centres the kernel on its pixel, else 4.
/// </param>
public sealed record FsrcnnConfig(
    int D = 56, int S = 12, int M = 4, int Channels = 1,
    PaddingMode Border = PaddingMode.Replicate, bool SharedSlopes = false, int? Offset = null) : NetworkConfig
{
    private const int MaxFilters = 4096, MaxLayers = 64, Kernel = 9;

    /// <inheritdoc/>
    public override string Name => (D, S, M) switch
    {
        (56, 12, 4) => "fsrcnn",
        (32, 5, 1) => "fsrcnn-s",
        _ => $"fsrcnn-{D}-{S}-{M}",
    };

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override NetworkInput Input => NetworkInput.LowResolution;

    /// <inheritdoc/>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate ? ("conv1", "deconv") : null;

    /// <inheritdoc/>
    public override string? Flaw =>
        D is < 1 or > MaxFilters || S is < 1 or > MaxFilters ? $"{D} and {S} filters instead of 1 to {MaxFilters}"
        : M is < 0 or > MaxLayers ? $"{M} mapping layers instead of 0 to {MaxLayers}"
        : ColorFlaw is { } flaw ? flaw
        : Offset is < 0 or >= Kernel ? $"offset {Offset} instead of 0 to {Kernel - 1}"
        : null;

    /// <summary>Where the transposed convolution's kernel stands at that scale.</summary>
    public int OffsetAt(int scale) => Offset ?? (scale == 3 ? 3 : 4);

    /// <summary>Every target is seen as a whole picture's interior.</summary>
    public override bool PadsInTraining => false;

    /// <inheritdoc/>
    public override Map Build(Map picture, int scale)
    {
        var features = Conv(picture, 1, D, 5);
        var shrunk = Conv(features, 2, S, 1);
        var mapped = shrunk.Repeat(3, M + 2, (x, i) => Conv(x, i, S, 3));
        var expanded = Conv(mapped, M + 3, D, 1);
        return expanded.ConvTranspose2d("deconv", Channels, Kernel, scale, OffsetAt(scale), Border, Initializers.Gaussian(0.001f));

        Map Conv(Map x, int number, int channels, int size) => x.Conv2d($"conv{number}", channels, size, Border).PRelu($"prelu{number}", SharedSlopes);
    }

    /// <summary>Reads "fsrcnn", "fsrcnn-s" and "fsrcnn-56-12-4" with other sizes; null if <paramref name="name"/> is no such name.</summary>
    public static FsrcnnConfig? Parse(string name)
    {
        if (name == "fsrcnn") return new FsrcnnConfig();
        if (name == "fsrcnn-s") return new FsrcnnConfig(32, 5, 1);
        if (name.Split('-') is not ["fsrcnn", var d, var s, var m]) return null;
        if (!(TryRead(d, out var a) && TryRead(s, out var b) && TryRead(m, out var c))) return null;
        var config = new FsrcnnConfig(a, b, c);
        // One network, one name: neither leading zeros nor the sizes of those that have a name.
        return config.Flaw is null && config.Name == name ? config : null;

        static bool TryRead(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }
}
