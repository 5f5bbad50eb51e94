using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

public sealed class LumaTests
{
    // By hand: 16 + 65.481 = 81.481; 16 + 128.553 = 144.553; 16 + 24.966 = 40.966; the three together 235.
    [TestCase(0, 0, 0, 16)]
    [TestCase(255, 255, 255, 235)]
    [TestCase(255, 0, 0, 81.481)]
    [TestCase(0, 255, 0, 144.553)]
    [TestCase(0, 0, 255, 40.966)]
    [TestCase(100, 150, 200, 16 + (6548.1 + 19282.95 + 4993.2) / 255)]
    public void YIsStudioRangeOfBt601(int r, int g, int b, double expected)
    {
        foreach (var (depth, unit) in new[] { (8, 1), (16, 257) })
        {
            var image = new Image(1, 1, 3, depth, [(ushort)(r * unit), (ushort)(g * unit), (ushort)(b * unit)]);
            Assert.That(YCbCr.Forward(image).Y.Values[0] * 255, Is.EqualTo(expected).Within(2e-5));
            Assert.That(Luma.Rounded(image).Values[0] * 255, Is.EqualTo(Math.Floor(expected + 0.5)).Within(2e-5));
        }
    }

    [Test]
    public void RoundedIsTheExactFormulaRoundedHalfUp()
    {
        var image = Pictures.Noise(128, 128, 3);
        var rounded = Luma.Rounded(image).ToBytes();
        for (var i = 0; i < rounded.Length; i++)
        {
            var rgb = image.Samples.AsSpan(i * 3, 3);
            var exact = 16 + (65.481m * rgb[0] + 128.553m * rgb[1] + 24.966m * rgb[2]) / 255;
            if (rounded[i] != (byte)decimal.Floor(exact + 0.5m)) Assert.Fail($"{rounded[i]} for {exact}");
        }
    }

    [Test]
    public void TheProtocolTakesGreyAsYItself() =>
        Assert.That(Luma.Rounded(new Image(3, 1, 1, 8, [0, 77, 255])).ToBytes(), Is.EqualTo(new byte[] { 0, 77, 255 }));

    // By hand: Y = 16 + 219 v / 255, so that 0, 85, 170 and 255 are 16, 89, 162 and 235.
    [Test]
    public void GreyIsRedGreenAndBlueAlike([Values(1, 2)] int channels, [Values(8, 16)] int bitDepth)
    {
        var grey = new Image(4, 1, channels, bitDepth);
        for (var x = 0; x < 4; x++) grey.Samples[x * channels] = (ushort)(x * grey.MaxSample / 3);
        var (y, cb, _) = YCbCr.Forward(grey);
        Assert.That(y.ToBytes(), Is.EqualTo(new byte[] { 16, 89, 162, 235 }));
        Assert.That(cb.Values, Is.All.EqualTo(128f / 255));
    }

    [TestCase(8)]
    [TestCase(16)]
    public void EveryGreyComesBackExactly(int bitDepth)
    {
        var all = new Image(1 << bitDepth, 1, 1, bitDepth);
        for (var v = 0; v < all.Width; v++) all.Samples[v] = (ushort)v;
        var samples = new ushort[all.Width];
        YCbCr.InverseGreyRow(YCbCr.Forward(all).Y.Values, bitDepth, samples, 1);
        Assert.That(samples, Is.EqualTo(all.Samples));
    }

    [Test]
    public void AlphaHasNoPartInY()
    {
        var opaque = Pictures.Noise(9, 7, 3);
        var image = new Image(9, 7, 4);
        for (var i = 0; i < 63; i++) opaque.Samples.AsSpan(i * 3, 3).CopyTo(image.Samples.AsSpan(i * 4));
        Assert.That(Luma.Rounded(image).Values, Is.EqualTo(Luma.Rounded(opaque).Values));
        Assert.That(YCbCr.Forward(image).Y.Values, Is.EqualTo(YCbCr.Forward(opaque).Y.Values));
    }

    [TestCase(8)]
    [TestCase(16)]
    public void RgbComesBackExactly(int bitDepth)
    {
        var image = Pictures.Noise(512, 256, 3, bitDepth);
        var (y, cb, cr) = YCbCr.Forward(image);
        Assert.That(YCbCr.Inverse(y, cb, cr, bitDepth).Samples.AsSpan().SequenceEqual(image.Samples));
    }

    [Test]
    public void ValuesOutsideAreClippedAndNaNIsBlack() =>
        Assert.That(new Plane(4, 1, [-0.1f, 1.1f, float.NaN, 0.5f]).ToBytes(), Is.EqualTo(new byte[] { 0, 255, 0, 128 }));

    [Test]
    public void NaNIsABlackPixelAndLeavesItsNeighboursAlone([Values(3, 4)] int channels, [Values(8, 16)] int bitDepth, [Range(0, 18)] int at)
    {
        const int Width = 19; // two vectors of eight and a rest
        var (y, cb, cr) = YCbCr.Forward(Pictures.Noise(Width, 1, 3, bitDepth));
        ushort[] expected = new ushort[Width * channels], samples = new ushort[Width * channels];
        YCbCr.InverseRow(y.Values, cb.Values, cr.Values, bitDepth, expected, channels);
        expected.AsSpan(at * channels, 3).Clear();
        y.Values[at] = float.NaN;
        YCbCr.InverseRow(y.Values, cb.Values, cr.Values, bitDepth, samples, channels);
        Assert.That(samples, Is.EqualTo(expected));
    }

    [Test]
    public void InfiniteLumaIsTheDarkestOrTheBrightest([Range(0, 18)] int at)
    {
        var (y, cb, cr) = YCbCr.Forward(Pictures.Noise(19, 1, 3));
        var samples = new ushort[19 * 3];
        foreach (var (value, expected) in ((float, int)[])[(float.NegativeInfinity, 0), (float.PositiveInfinity, 255)])
        {
            y.Values[at] = value;
            YCbCr.InverseRow(y.Values, cb.Values, cr.Values, 8, samples, 3);
            Assert.That(samples[(at * 3)..((at + 1) * 3)], Is.All.EqualTo(expected));
        }
    }
}
