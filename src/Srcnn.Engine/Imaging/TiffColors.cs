using System.Buffers.Binary;
using NetVips;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// How the samples of a TIFF page become grey or RGB. libvips gives some photometric interpretations as they should be, some as raw samples,
/// some scrambled, and says nothing: a page is read if the one table here says so, converted here where it is raw, and refused by name else.
/// </summary>
internal sealed class TiffColors
{
    private const ushort BitsPerSample = 258, Compression = 259, Photometric = 262, SamplesPerPixel = 277, Planar = 284, WhitePoint = 318, InkSet = 332, SampleFormat = 339,
        YCbCrCoefficients = 529, YCbCrSubSampling = 530, ReferenceBlackWhite = 532;

    private const int Rgb = 2, YCbCr = 6, CieLab = 8, OldJpeg = 6, Jpeg = 7, CmykInks = 1, Separate = 2, Float = 3;

    /// <summary>Chromaticities (x, y) of the white that Lab is relative to.</summary>
    private static readonly double[] D50 = [0.34567, 0.3585], D65 = [0.31271, 0.32902];

    private static readonly HashSet<ushort> Tags =
        [BitsPerSample, Compression, Photometric, SamplesPerPixel, Planar, WhitePoint, InkSet, SampleFormat, YCbCrCoefficients, YCbCrSubSampling, ReferenceBlackWhite];

    /// <summary>Every interpretation of TIFF 6, its supplements, libtiff and DNG: what it is called, and which of its pages are read.</summary>
    internal static readonly IReadOnlyDictionary<int, (string Name, Func<TiffColors, bool> IsRead)> Interpretations = new Dictionary<int, (string, Func<TiffColors, bool>)>
    {
        [0] = ("grey whose zero is white", page => page.samples == 1 || !page.isPlanar), // libvips mixes up the rows of grey and alpha in planes
        [1] = ("grey", page => page.samples == 1 || !page.isPlanar),
        [Rgb] = ("RGB", _ => true),
        [3] = ("palette", page => !page.isPlanar || page.samples == 1),
        [4] = ("transparency mask", _ => false),
        [5] = ("separated inks", page => page is { inkSet: CmykInks, samples: 4 }),
        [YCbCr] = ("YCbCr", page => page.isJpeg || page is { bits: 8, samples: 3, isPlanar: false }),
        [CieLab] = ("CIE Lab", page => page.samples == 3 && (page.isFloat || page is { bits: 8 or 16, isPlanar: false })),
        [9] = ("ICC Lab", _ => false),
        [10] = ("ITU Lab", _ => false),
        [32803] = ("colour filter array", _ => false),
        [32844] = ("LogL", _ => false),
        [32845] = ("LogLuv", _ => false),
        [34892] = ("linear raw", _ => false),
        [51177] = ("depth map", _ => false),
        [52527] = ("semantic mask", _ => false),
    };

    private readonly int photometric, bits, samples, inkSet;
    private readonly bool isPlanar, isFloat, isJpeg, isSubsampled;
    private readonly double[] luma, reference, white;
    private readonly long photometricAt;

    private TiffColors(TiffDirectory page, int photometric, long photometricAt)
    {
        (this.photometric, this.photometricAt) = (photometric, photometricAt);
        (bits, samples, inkSet) = (Number(BitsPerSample, 1), Number(SamplesPerPixel, 1), Number(InkSet, CmykInks));
        (isPlanar, isFloat) = (Number(Planar, 1) == Separate, Number(SampleFormat, 1) == Float);
        isJpeg = Number(Compression, 1) is OldJpeg or Jpeg;
        isSubsampled = Numbers(YCbCrSubSampling, 2, 2) is not [1, 1];
        luma = Numbers(YCbCrCoefficients, 0.299, 0.587, 0.114);
        // What does not say is D50, as Photoshop writes and libtiff reads; floats are libvips' own and relative to D65.
        white = Numbers(WhitePoint, isFloat ? D65 : D50);
        reference = Numbers(ReferenceBlackWhite, 0, 255, 128, 255, 128, 255);

        int Number(ushort tag, int otherwise) => (int)Numbers(tag, otherwise)[0];

        double[] Numbers(ushort tag, params double[] otherwise) =>
            page.Fields.TryGetValue(tag, out var field) && field.Numbers is { } numbers && (numbers.Length == otherwise.Length || (otherwise.Length == 1 && numbers.Length > 0)) ? numbers : otherwise;
    }

    /// <summary>Of a page, or null where the file does not say: then libtiff guesses.</summary>
    /// <param name="place">Of the page's directory.</param>
    /// <exception cref="ImageException">Such samples are not read.</exception>
    public static TiffColors? Of(string path, long place)
    {
        using var file = File.OpenRead(path);
        if (TiffDirectoryReader.Of(file) is not { } reader) return null;
        var page = reader.Read(place, Tags, depth: 0);
        if (!page.Fields.TryGetValue(Photometric, out var field) || field.Number is not { } number || reader.ValueAt(place, Photometric) is not { } at) return null;
        var colors = new TiffColors(page, (int)number, at);
        if (!Interpretations.TryGetValue(colors.photometric, out var row) || !row.IsRead(colors))
            throw new ImageException(path, $"a TIFF of {colors}", "grey, RGB, palette, CMYK, YCbCr of 8 bit or CIE Lab; convert it to RGB with the tool that made it");
        return colors;
    }

    /// <summary>Whether libvips 8.18 fails at such a page, which <see cref="AsRgb"/> lets it read.</summary>
    public bool NeedsDisguise => this is { photometric: CieLab, bits: 8 };

    /// <summary>The file's bytes, their photometric interpretation replaced by RGB so that libvips gives the samples as they are.</summary>
    public byte[] AsRgb(string path)
    {
        var file = File.ReadAllBytes(path);
        var value = file.AsSpan((int)photometricAt, sizeof(ushort));
        if (file[0] == (byte)'I') BinaryPrimitives.WriteUInt16LittleEndian(value, Rgb);
        else BinaryPrimitives.WriteUInt16BigEndian(value, Rgb);
        return file;
    }

    /// <summary>Grey or RGB from what libvips read; the same image where it is that already.</summary>
    public NetVips.Image Convert(NetVips.Image stored) => photometric switch
    {
        YCbCr when samples == 3 && stored.Bands == 4 => stored.ExtractBand(0, n: 3), // libtiff converted it and added an opaque alpha
        YCbCr when !isJpeg && !isSubsampled => FromYCbCr(stored),
        CieLab => FromLab(NeedsDisguise ? Lab8(stored) : stored.Colourspace(Enums.Interpretation.Lab)),
        _ => stored,
    };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Interpretations.TryGetValue(photometric, out var row) ? row.Name : $"photometric interpretation {photometric}")} ({samples} × {bits} bit{(isPlanar ? ", in planes" : "")})";

    /// <summary>As libtiff does: the codes become Y in [0, 255], Cb and Cr in [−127, 127], and the luma coefficients say how R, G and B make Y.</summary>
    private NetVips.Image FromYCbCr(NetVips.Image codes)
    {
        double red = luma[0], green = luma[1], blue = luma[2];
        double[,] matrix =
        {
            { 1, 0, 2 - (2 * red) },
            { 1, -(2 - (2 * blue)) * blue / green, -(2 - (2 * red)) * red / green },
            { 1, 2 - (2 * blue), 0 },
        };
        double[] gains = [255 / (reference[1] - reference[0]), 127 / (reference[3] - reference[2]), 127 / (reference[5] - reference[4])];
        using var values = codes.Linear(gains, [-reference[0] * gains[0], -reference[2] * gains[1], -reference[4] * gains[2]]);
        using var rows = NetVips.Image.NewFromArray(matrix);
        using var colors = values.Recomb(rows);
        using var rounded = colors.Rint();
        return rounded.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
    }

    /// <summary>L as 0 to 255 for 0 to 100; a and b as signed bytes.</summary>
    private static NetVips.Image Lab8(NetVips.Image bytes)
    {
        using var lightness = bytes[0].Linear([100.0 / 255], [0]);
        using var signed = bytes.ExtractBand(1, n: 2).Copy(format: Enums.BandFormat.Char);
        return lightness.Bandjoin(signed).Copy(interpretation: Enums.Interpretation.Lab);
    }

    /// <summary>The white of Lab becomes that of sRGB.</summary>
    private NetVips.Image FromLab(NetVips.Image lab)
    {
        double[] from = Tristimulus(white), to = Tristimulus(D65);
        using NetVips.Image toCones = NetVips.Image.NewFromArray(IccProfile.Bradford), fromCones = NetVips.Image.NewFromArray(Imaging.YCbCr.Invert(IccProfile.Bradford));
        using var ours = lab.Lab2XYZ(from).Recomb(toCones);
        using var adapted = ours.Linear([.. Cones(to).Zip(Cones(from), (a, b) => a / b)], [0]).Recomb(fromCones).Copy(interpretation: Enums.Interpretation.Xyz);
        return adapted.Colourspace(bits == 8 ? Enums.Interpretation.Srgb : Enums.Interpretation.Rgb16);

        static double[] Tristimulus(double[] xy) => [100 * xy[0] / xy[1], 100, 100 * (1 - xy[0] - xy[1]) / xy[1]];

        static double[] Cones(double[] xyz) => IccProfile.Multiply(IccProfile.Bradford, xyz);
    }
}
