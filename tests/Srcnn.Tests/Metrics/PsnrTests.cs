using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;

namespace Srcnn.Tests.Metrics;

public sealed class PsnrTests
{
    [Test]
    public void ADifferenceOfOneEverywhereIs48Decibels() => // 20·log₁₀ 255 = 48.1308
        Assert.That(Psnr.Compute([1, 2, 3, 4], [2, 1, 4, 3], 2, 2), Is.EqualTo(48.1308).Within(1e-4));

    [Test]
    public void OppositePicturesAreZeroDecibels() => Assert.That(Psnr.Compute([0, 255], [255, 0], 2, 1), Is.Zero);

    [Test]
    public void EqualPicturesAreInfinite() => Assert.That(Psnr.Compute([7, 7], [7, 7], 2, 1), Is.EqualTo(double.PositiveInfinity));

    [Test]
    public void TheBorderIsShaved()
    {
        var (a, b) = (new byte[25], new byte[25]);
        Array.Fill(b, (byte)200);
        b[12] = 255; // the centre of 5×5
        Assert.That(Psnr.Compute(a, b, 5, 5, 2), Is.Zero);
        Assert.That(() => Psnr.Compute(a, b, 5, 5, 3), Throws.ArgumentException);
    }

    [Test]
    public void PlanesAreRoundedHalfUpAndClippedFirst()
    {
        var actual = new Plane(2, 2, [-1, 2, 10.49f / 255, 10.51f / 255]);
        var expected = new Plane(2, 2, [0, 1, 10f / 255, 11f / 255]);
        Assert.That(Psnr.Compute(actual, expected), Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void OtherSizesAreNamed() =>
        Assert.That(() => Psnr.Compute(new Plane(3, 2), new Plane(2, 3)),
            Throws.ArgumentException.With.Message.Contains("3×2").And.Message.Contains("2×3"));
}
