namespace Srcnn.Engine.Imaging;

/// <summary>
/// How PNG and TIFF say their colours other than by a profile. The samples are enlarged as they are and the statement goes with them: as it is
/// where the format has a place for it, as a profile elsewhere. Where several are there, PNG's third edition has cICP count before a profile,
/// a profile before sRGB, and sRGB before gamma and chromaticities.
/// </summary>
public sealed record ColorStatement
{
    /// <summary>Within this, chromaticities and gamma are those of sRGB.</summary>
    private const double SameColor = 0.002;

    private const double SrgbFileGamma = 1 / 2.2;

    /// <summary>White, red, green and blue, x and y each.</summary>
    private static readonly double[] Srgb = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06];

    /// <summary>ITU-T H.273, table 2: white, red, green and blue.</summary>
    private static readonly Dictionary<byte, double[]> Primaries = new()
    {
        [1] = Srgb,
        [4] = [0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08],
        [5] = [0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06],
        [6] = [0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070],
        [7] = [0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070],
        [9] = [0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046],
        [11] = [0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060],
        [12] = [0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060],
        [22] = [0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077],
    };

    /// <summary>ITU-T H.273, table 3, as far as a profile can say it; PQ and HLG are brighter than white.</summary>
    private static readonly Dictionary<byte, ToneCurve> Transfers = new()
    {
        [1] = ToneCurve.Bt709, [6] = ToneCurve.Bt709, [14] = ToneCurve.Bt709, [15] = ToneCurve.Bt709,
        [4] = ToneCurve.Power(2.2), [5] = ToneCurve.Power(2.8), [8] = ToneCurve.Power(1), [13] = ToneCurve.Srgb,
    };

    /// <summary>PNG's cICP: colour primaries, transfer characteristics, matrix coefficients and whether the range is full, of ITU-T H.273.</summary>
    public byte[]? Cicp { get; init; }

    /// <summary>PNG's sRGB: the rendering intent.</summary>
    public byte? SrgbIntent { get; init; }

    /// <summary>PNG's gAMA: samples are light to this power, 0.45455 for most screens.</summary>
    public double? Gamma { get; init; }

    /// <summary>PNG's cHRM, TIFF's white point and primaries: white, red, green and blue, x and y each.</summary>
    public double[]? Chromaticities { get; init; }

    /// <summary>TIFF's transfer function: the light of each of 256 samples, in [0, 65535], for all channels or for each.</summary>
    public ushort[]? Transfer { get; init; }

    /// <summary>PNG's sBIT: how many bits of each channel meant something.</summary>
    public byte[]? SignificantBits { get; init; }

    /// <summary>PNG's mDCV and cLLI: the screen that HDR was mastered on and its light.</summary>
    public byte[]? MasteringDisplay { get; init; }

    /// <summary>See <see cref="MasteringDisplay"/>.</summary>
    public byte[]? ContentLight { get; init; }

    /// <summary>Whether TIFF's tags say it. Few who read TIFF look at them, so what other formats say becomes a profile there.</summary>
    internal bool IsOfTiff { get; init; }

    internal bool IsEmpty => this == new ColorStatement();

    /// <summary>Whether a format has a place for all of it; elsewhere <see cref="AsProfile"/> stands in its place.</summary>
    internal bool HasPlaceIn(ImageFormat format) => format switch
    {
        ImageFormat.Png => Transfer is null,
        ImageFormat.Tiff => IsOfTiff,
        _ => false,
    };

    /// <summary>What says the colours in a file that has a place for a profile alone.</summary>
    /// <param name="name">What messages call the picture.</param>
    /// <param name="icc">The profile beside the statement.</param>
    /// <returns>Null for sRGB.</returns>
    /// <exception cref="ImageException">No profile can say it.</exception>
    internal byte[]? AsProfile(string name, byte[]? icc, bool isGrey)
    {
        if (Cicp is [var primaries, var transfer, 0, 1] && Primaries.TryGetValue(primaries, out var colors) && Transfers.TryGetValue(transfer, out var curve))
            return primaries == 1 && transfer == 13 ? null : IccProfile.Of(colors, [curve], isGrey);
        if (icc is not null) return icc;
        if (Cicp is not null) throw new ImageException(name, $"colours that only PNG can say (cICP {string.Join('-', Cicp)})", "a PNG file to write, or a picture of standard range");
        var isPower = Gamma is { } file && Math.Abs(file - SrgbFileGamma) > SameColor;
        var hasPrimaries = Chromaticities is { } points && points.Zip(Srgb, (a, b) => Math.Abs(a - b)).Max() > SameColor;
        if (SrgbIntent is not null || (!isPower && !hasPrimaries && Transfer is null)) return null;
        ToneCurve[] curves = Transfer is { } table ? [.. table.Chunk(256).Select(ToneCurve.Table)] : [Gamma is { } gamma ? ToneCurve.Power(1 / gamma) : ToneCurve.Srgb];
        return IccProfile.Of(Chromaticities ?? Srgb, curves, isGrey);
    }
}
