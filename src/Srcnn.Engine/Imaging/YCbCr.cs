using System.Runtime.Intrinsics;

namespace Srcnn.Engine.Imaging;

/// <summary>
/// BT.601 studio range as MATLAB's rgb2ycbcr: Y in [16, 235]/255, Cb and Cr in [16, 240]/255 for RGB in [0, 1].
/// 8-bit RGB comes back exactly through float planes, 16-bit as well. A grey picture is R = G = B, so its Y is 16 + 219 v.
/// </summary>
public static class YCbCr
{
    // Rows Y, Cb, Cr over R, G, B in [0, 1]; in units of 1/255, as are the offsets 16, 128, 128.
    internal static readonly double[,] Matrix =
    {
        { 65.481, 128.553, 24.966 },
        { -37.797, -74.203, 112.0 },
        { 112.0, -93.786, -18.214 },
    };

    // What R = G = B have of Y, and what Y of black is; in units of 1/255.
    private const double GreyRange = 219, Black = 16;

    // Rows R, G, B in [0, 1] over Y, Cb, Cr and 1.
    internal static readonly (float Y, float Cb, float Cr, float One)[] InverseSingles = Singles(Invert(Matrix));

    /// <summary>Luma and chroma of every pixel, not rounded. The chroma of a grey picture is 128/255.</summary>
    public static (Plane Y, Plane Cb, Plane Cr) Forward(Image image)
    {
        var y = new Plane(image.Width, image.Height);
        var cb = new Plane(image.Width, image.Height);
        var cr = new Plane(image.Width, image.Height);
        Parallel.For(0, image.Height, row =>
            ForwardRow(image.Row(row), image.Channels, image.BitDepth, y.Row(row), cb.Row(row), cr.Row(row)));
        return (y, cb, cr);
    }

    /// <summary>RGB of the given depth: clipped, rounded half up.</summary>
    public static Image Inverse(Plane y, Plane cb, Plane cr, int bitDepth = 8)
    {
        var image = new Image(y.Width, y.Height, 3, bitDepth);
        Parallel.For(0, y.Height, row => InverseRow(y.Row(row), cb.Row(row), cr.Row(row), bitDepth, image.Row(row), 3));
        return image;
    }

    /// <summary>One row of interleaved samples (alpha is passed over) to luma and chroma.</summary>
    public static void ForwardRow(
        ReadOnlySpan<ushort> samples, int channels, int bitDepth, Span<float> y, Span<float> cb, Span<float> cr)
    {
        if (channels <= 2)
        {
            ForwardGreyRow(samples, channels, bitDepth, y);
            cb.Fill(128f / 255);
            cr.Fill(128f / 255);
            return;
        }
        var unit = 1.0 / (255.0 * ((1 << bitDepth) - 1));
        var m = Matrix;
        for (int x = 0, s = 0; x < y.Length; x++, s += channels)
        {
            double r = samples[s], g = samples[s + 1], b = samples[s + 2];
            y[x] = (float)((m[0, 0] * r + m[0, 1] * g + m[0, 2] * b) * unit + 16.0 / 255);
            cb[x] = (float)((m[1, 0] * r + m[1, 1] * g + m[1, 2] * b) * unit + 128.0 / 255);
            cr[x] = (float)((m[2, 0] * r + m[2, 1] * g + m[2, 2] * b) * unit + 128.0 / 255);
        }
    }

    /// <summary>One row of grey samples (alpha is passed over) to the luma of R = G = B.</summary>
    public static void ForwardGreyRow(ReadOnlySpan<ushort> samples, int channels, int bitDepth, Span<float> y)
    {
        var unit = GreyRange / (255.0 * ((1 << bitDepth) - 1));
        for (int x = 0, s = 0; x < y.Length; x++, s += channels) y[x] = (float)((samples[s] * unit) + (Black / 255));
    }

    /// <summary>One row of the luma of R = G = B to the first of every <paramref name="channels"/> samples: clipped, rounded half up, NaN black.</summary>
    public static void InverseGreyRow(ReadOnlySpan<float> y, int bitDepth, Span<ushort> samples, int channels)
    {
        var max = (1 << bitDepth) - 1;
        for (int x = 0, s = 0; x < y.Length; x++, s += channels)
            samples[s] = (ushort)Plane.Quantise((float)(((255.0 * y[x]) - Black) / GreyRange), max);
    }

    /// <summary>
    /// One row of luma and chroma to the first three of every <paramref name="channels"/> samples. Computed in float: where the exact value
    /// lies next to the middle between two samples, closer than 10⁻⁴ of their distance at 8 bit and 0.03 at 16 bit, either may be taken.
    /// </summary>
    public static void InverseRow(
        ReadOnlySpan<float> y, ReadOnlySpan<float> cb, ReadOnlySpan<float> cr, int bitDepth, Span<ushort> samples, int channels)
    {
        var lanes = Vector256<float>.Count;
        var max = (1 << bitDepth) - 1;
        var x = 0;
        for (; x <= y.Length - lanes; x += lanes) InverseVector(y[x..], cb[x..], cr[x..], max, samples[(x * channels)..], channels, lanes);
        if (x == y.Length) return;
        Span<float> rest = stackalloc float[3 * lanes];
        rest.Clear();
        y[x..].CopyTo(rest);
        cb[x..].CopyTo(rest[lanes..]);
        cr[x..].CopyTo(rest[(2 * lanes)..]);
        InverseVector(rest, rest[lanes..], rest[(2 * lanes)..], max, samples[(x * channels)..], channels, y.Length - x);
    }

    /// <summary>The first <paramref name="count"/> of as many pixels as a vector has lanes.</summary>
    private static void InverseVector(ReadOnlySpan<float> y, ReadOnlySpan<float> cb, ReadOnlySpan<float> cr, int max, Span<ushort> samples, int channels, int count)
    {
        Vector256<float> luma = Vector256.Create(y), blue = Vector256.Create(cb), red = Vector256.Create(cr);
        Span<int> colors = stackalloc int[3 * Vector256<int>.Count];
        for (var c = 0; c < 3; c++)
        {
            var (toLuma, toBlue, toRed, constant) = InverseSingles[c];
            var color = Vector256.FusedMultiplyAdd(Vector256.Create(toRed), red, Vector256.Create(constant));
            color = Vector256.FusedMultiplyAdd(Vector256.Create(toBlue), blue, color);
            color = Vector256.FusedMultiplyAdd(Vector256.Create(toLuma), luma, color);
            Plane.Quantise(color, max).CopyTo(colors[(c * Vector256<int>.Count)..]);
        }
        for (int i = 0, s = 0; i < count; i++, s += channels)
        {
            samples[s] = (ushort)colors[i];
            samples[s + 1] = (ushort)colors[i + Vector256<int>.Count];
            samples[s + 2] = (ushort)colors[i + (2 * Vector256<int>.Count)];
        }
    }

    private static (float, float, float, float)[] Singles(double[,] m) =>
        [Single(m, 0), Single(m, 1), Single(m, 2)];

    private static (float, float, float, float) Single(double[,] m, int c) =>
        ((float)(255 * m[c, 0]), (float)(255 * m[c, 1]), (float)(255 * m[c, 2]), (float)-((16 * m[c, 0]) + (128 * (m[c, 1] + m[c, 2]))));

    internal static double[,] Invert(double[,] m)
    {
        var inverse = new double[3, 3];
        for (var i = 0; i < 3; i++)
        for (var j = 0; j < 3; j++)
            inverse[j, i] = m[(i + 1) % 3, (j + 1) % 3] * m[(i + 2) % 3, (j + 2) % 3]
                          - m[(i + 1) % 3, (j + 2) % 3] * m[(i + 2) % 3, (j + 1) % 3];
        var determinant = m[0, 0] * inverse[0, 0] + m[0, 1] * inverse[1, 0] + m[0, 2] * inverse[2, 0];
        for (var i = 0; i < 3; i++)
        for (var j = 0; j < 3; j++)
            inverse[i, j] /= determinant;
        return inverse;
    }
}
