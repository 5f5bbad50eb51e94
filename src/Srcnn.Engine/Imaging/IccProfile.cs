using System.Buffers.Binary;
using System.Text;

namespace Srcnn.Engine.Imaging;

/// <summary>How samples become light, as an ICC profile says it: a parametric curve, or a table.</summary>
internal sealed class ToneCurve
{
    private readonly byte[] element;

    private ToneCurve(byte[] element) => this.element = element;

    /// <summary>IEC 61966-2-1.</summary>
    public static ToneCurve Srgb { get; } = Parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);

    /// <summary>The inverse of BT.709's camera curve.</summary>
    public static ToneCurve Bt709 { get; } = Parametric(3, 1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081);

    public static ToneCurve Power(double exponent) => Parametric(0, exponent);

    /// <param name="light">Of evenly spaced samples.</param>
    public static ToneCurve Table(ushort[] light) => new([.. "curv\0\0\0\0"u8, .. IccProfile.Int32(light.Length), .. light.SelectMany(v => (byte[])[(byte)(v >> 8), (byte)v])]);

    /// <summary>The element of the profile.</summary>
    public ReadOnlySpan<byte> Element => element;

    private static ToneCurve Parametric(byte function, params double[] values) => new([.. "para\0\0\0\0\0"u8, function, 0, 0, .. values.SelectMany(IccProfile.Fixed)]);
}

/// <summary>Checks the profiles of files, and makes those that say what a file says by other means: version 4.3, chromaticities and curves.</summary>
internal static class IccProfile
{
    private const int HeaderLength = 128, Signature = 36, Space = 16;

    /// <summary>What profiles are relative to: D50.</summary>
    private static readonly double[] White = [0.9642, 1, 0.8249];

    /// <summary>Bradford's responses of the eye, over X, Y and Z.</summary>
    internal static readonly double[,] Bradford = { { 0.8951, 0.2664, -0.1614 }, { -0.7502, 1.7135, 0.0367 }, { 0.0389, -0.0685, 1.0296 } };

    /// <summary>The profile, or null where it is none of grey or RGB samples: inks and Lab are converted, and theirs does not stay.</summary>
    public static byte[]? OfSamples(byte[]? profile) =>
        profile is not null && profile.Length > HeaderLength && profile.AsSpan(Signature, 4).SequenceEqual("acsp"u8)
        && (profile.AsSpan(Space, 4).SequenceEqual("RGB "u8) || profile.AsSpan(Space, 4).SequenceEqual("GRAY"u8)) ? profile : null;

    /// <summary>Whether it is one of grey samples.</summary>
    public static bool IsGrey(byte[] profile) => profile.AsSpan(Space, 4).SequenceEqual("GRAY"u8);

    /// <param name="chromaticities">White, red, green and blue, x and y each.</param>
    /// <param name="curves">One for all channels, or one for each.</param>
    public static byte[] Of(double[] chromaticities, ToneCurve[] curves, bool isGrey)
    {
        var toD50 = Adaptation(Tristimulus(chromaticities[0], chromaticities[1]));
        List<(string Tag, byte[] Element)> elements =
        [
            ("desc", Text("Colours as the picture stated them")), ("cprt", Text("No copyright")),
            ("wtpt", Xyz(White)), ("chad", [.. "sf32\0\0\0\0"u8, .. toD50.Cast<double>().SelectMany(Fixed)]),
        ];
        if (isGrey) elements.Add(("kTRC", curves[0].Element.ToArray()));
        else
        {
            var primaries = Primaries(chromaticities);
            foreach (var (channel, c) in "rgb".Select((channel, c) => (channel, c)))
            {
                elements.Add(($"{channel}XYZ", Xyz(Multiply(toD50, [primaries[0, c], primaries[1, c], primaries[2, c]]))));
                elements.Add(($"{channel}TRC", curves[curves.Length == 1 ? 0 : c].Element.ToArray()));
            }
        }
        var table = new MemoryStream();
        var data = new MemoryStream();
        var start = HeaderLength + 4 + (12 * elements.Count);
        table.Write(Int32(elements.Count));
        foreach (var (tag, element) in elements)
        {
            table.Write([.. Encoding.ASCII.GetBytes(tag), .. Int32(start + (int)data.Length), .. Int32(element.Length)]);
            data.Write(element);
            data.Write(new byte[-element.Length & 3]);
        }
        return [.. Header(start + (int)data.Length, isGrey), .. table.ToArray(), .. data.ToArray()];
    }

    public static byte[] Int32(int value)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>ICC's s15Fixed16Number.</summary>
    public static byte[] Fixed(double value) => Int32((int)Math.Round(value * 65536));

    private static byte[] Header(int length, bool isGrey)
    {
        var header = new byte[HeaderLength];
        Int32(length).CopyTo(header, 0);
        header[8] = 4;
        header[9] = 0x30;
        "mntr"u8.CopyTo(header.AsSpan(12));
        (isGrey ? "GRAY"u8 : "RGB "u8).CopyTo(header.AsSpan(Space));
        "XYZ "u8.CopyTo(header.AsSpan(20));
        (header[25], header[27], header[29]) = (2000 - 1792, 1, 1); // a date of no meaning, so that equal pictures give equal files
        header[24] = 1792 >> 8;
        "acsp"u8.CopyTo(header.AsSpan(Signature));
        White.SelectMany(Fixed).ToArray().CopyTo(header, 68);
        return header;
    }

    private static byte[] Text(string text)
    {
        var characters = Encoding.BigEndianUnicode.GetBytes(text);
        return [.. "mluc\0\0\0\0"u8, .. Int32(1), .. Int32(12), .. "enUS"u8, .. Int32(characters.Length), .. Int32(28), .. characters];
    }

    private static byte[] Xyz(double[] xyz) => [.. "XYZ \0\0\0\0"u8, .. xyz.SelectMany(Fixed)];

    private static double[] Tristimulus(double x, double y) => [x / y, 1, (1 - x - y) / y];

    /// <summary>X, Y and Z of red, green and blue, in columns, that together make the white.</summary>
    private static double[,] Primaries(double[] c)
    {
        double[][] colors = [Tristimulus(c[2], c[3]), Tristimulus(c[4], c[5]), Tristimulus(c[6], c[7])];
        var directions = new double[3, 3];
        for (var i = 0; i < 9; i++) directions[i / 3, i % 3] = colors[i % 3][i / 3];
        var shares = Multiply(YCbCr.Invert(directions), Tristimulus(c[0], c[1]));
        for (var i = 0; i < 9; i++) directions[i / 3, i % 3] *= shares[i % 3];
        return directions;
    }

    /// <summary>Bradford's adaptation from a white to D50.</summary>
    private static double[,] Adaptation(double[] white)
    {
        double[] from = Multiply(Bradford, white), to = Multiply(Bradford, White);
        var scaled = new double[3, 3];
        for (var i = 0; i < 9; i++) scaled[i / 3, i % 3] = Bradford[i / 3, i % 3] * to[i / 3] / from[i / 3];
        var inverse = YCbCr.Invert(Bradford);
        var product = new double[3, 3];
        for (var i = 0; i < 9; i++)
        for (var k = 0; k < 3; k++)
            product[i / 3, i % 3] += inverse[i / 3, k] * scaled[k, i % 3];
        return product;
    }

    internal static double[] Multiply(double[,] m, double[] v) => [.. Enumerable.Range(0, 3).Select(r => (m[r, 0] * v[0]) + (m[r, 1] * v[1]) + (m[r, 2] * v[2]))];
}
