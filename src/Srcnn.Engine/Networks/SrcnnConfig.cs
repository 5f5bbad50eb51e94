using System.Globalization;
using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>SRCNN (Dong et al., arXiv:1501.00092): three convolutions on the bicubic-upscaled picture.</summary>
/// <param name="F1">Kernel size of patch extraction, f₁.</param>
/// <param name="F2">Kernel size of the non-linear mapping, f₂.</param>
/// <param name="F3">Kernel size of the reconstruction, f₃.</param>
/// <param name="N1">Filters of patch extraction, n₁.</param>
/// <param name="N2">Filters of the mapping, n₂.</param>
/// <param name="Channels">Colour channels, c.</param>
/// <param name="Border">What stands outside the picture when a whole picture is enlarged.</param>
/// <param name="Start">How the weights start.</param>
public sealed record SrcnnConfig(
    int F1 = 9, int F2 = 1, int F3 = 5, int N1 = 64, int N2 = 32, int Channels = 1,
    PaddingMode Border = PaddingMode.Replicate, SrcnnStart Start = SrcnnStart.Identity) : NetworkConfig
{
    private const int MaxKernel = 31, MaxFilters = 4096;

    /// <inheritdoc/>
    public override string Name => $"srcnn-{F1}-{F2}-{F3}";

    /// <inheritdoc/>
    public override int Channels { get; init; } = Channels;

    /// <inheritdoc/>
    public override string? Flaw =>
        !(IsSize(F1) && IsSize(F2) && IsSize(F3)) ? $"kernel sizes {F1}, {F2}, {F3} instead of odd ones up to {MaxKernel}"
        : N1 is < 1 or > MaxFilters || N2 is < 1 or > MaxFilters ? $"{N1} and {N2} filters instead of 1 to {MaxFilters}"
        : ColorFlaw;

    /// <inheritdoc/>
    public override (string First, string? Last)? Ends => Border == PaddingMode.Replicate ? ("conv1", "conv3") : null;

    /// <summary>As in the paper: an f×f patch shrinks by f₁+f₂+f₃−3.</summary>
    public override bool PadsInTraining => false;

    /// <inheritdoc/>
    public override Map Build(Map picture, int scale)
    {
        var paper = Initializers.Gaussian(0.001f);
        var (first, last) = Start == SrcnnStart.Paper ? (paper, paper) : (Initializers.Identity(Channels, Initializers.He), Initializers.Identity(Channels, paper));
        return picture
            .Conv2d("conv1", N1, F1, Border, first).Relu()     // patch extraction
            .Conv2d("conv2", N2, F2, Border, first).Relu()     // non-linear mapping
            .Conv2d("conv3", Channels, F3, Border, last);      // reconstruction
    }

    /// <summary>Reads "srcnn-9-1-5" and its like; null if <paramref name="name"/> is no such name.</summary>
    public static SrcnnConfig? Parse(string name)
    {
        var parts = name.Split('-');
        if (parts is not ["srcnn", var f1, var f2, var f3]) return null;
        return Size(f1) is { } a && Size(f2) is { } b && Size(f3) is { } c ? new SrcnnConfig(a, b, c) : null;

        static int? Size(string text) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var f) && IsSize(f) && text[0] != '0' ? f : null;
    }

    // 'Same' padding needs a middle: odd sizes only.
    private static bool IsSize(int f) => f is >= 1 and <= MaxKernel && f % 2 == 1;
}

/// <summary>How SRCNN's weights start.</summary>
public enum SrcnnStart
{
    /// <summary>Gaussian of deviation 0.001 everywhere, as in the paper (§4.1).</summary>
    Paper,

    /// <summary>One channel passes the picture through, the others start as He et al. (the last layer at 0.001): training begins at bicubic quality.</summary>
    Identity,
}
