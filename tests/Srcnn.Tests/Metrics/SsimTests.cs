using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Metrics;

public sealed class SsimTests
{
    [Test]
    public void EqualPicturesAreOne()
    {
        var picture = Plane.FromChannel(Pictures.Noise(40, 30, 1), 0);
        Assert.That(Ssim.Compute(picture, picture, 3), Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void FlatPicturesCompareByLuminanceAlone()
    {
        // No variance: (2ab + C₁)/(a² + b² + C₁) with C₁ = 6.5025.
        var (a, b) = (new byte[13 * 12], new byte[13 * 12]);
        Array.Fill(a, (byte)100);
        Array.Fill(b, (byte)150);
        Assert.That(Ssim.Compute(a, b, 13, 12), Is.EqualTo((30000 + 6.5025) / (10000 + 22500 + 6.5025)).Within(1e-9));
    }

    [TestCase(11, 11, 0)]
    [TestCase(33, 19, 2)]
    [TestCase(26, 40, 3)]
    public void AgreesWithTheFormula(int width, int height, int shave)
    {
        var a = Plane.FromChannel(Pictures.Noise(width, height, 1, seed: 1), 0).ToBytes();
        var b = Plane.FromChannel(Pictures.Noise(width, height, 1, seed: 2), 0).ToBytes();
        for (var i = 0; i < b.Length; i++) b[i] = (byte)((3 * a[i] + b[i]) / 4);
        Assert.That(Ssim.Compute(a, b, width, height, shave), Is.EqualTo(Formula(a, b, width, height, shave)).Within(1e-10));
    }

    [Test]
    public void TooSmallPicturesAreRefused() =>
        Assert.That(() => Ssim.Compute(new byte[14 * 14], new byte[14 * 14], 14, 14, 2), Throws.ArgumentException.With.Message.Contains("11×11"));

    /// <summary>Window by window with central moments, as the paper has it.</summary>
    private static double Formula(byte[] a, byte[] b, int width, int height, int shave)
    {
        double total = 0, windows = 0;
        for (var y = shave + 5; y < height - shave - 5; y++)
        for (var x = shave + 5; x < width - shave - 5; x++)
        {
            double sum = 0, meanA = 0, meanB = 0, varianceA = 0, varianceB = 0, covariance = 0;
            void Over(Action<double, byte, byte> each)
            {
                for (var r = -5; r <= 5; r++)
                for (var s = -5; s <= 5; s++)
                    each(Math.Exp(-(r * r + s * s) / 4.5), a[(y + r) * width + x + s], b[(y + r) * width + x + s]);
            }
            Over((w, va, vb) => { sum += w; meanA += w * va; meanB += w * vb; });
            (meanA, meanB) = (meanA / sum, meanB / sum);
            Over((w, va, vb) =>
            {
                varianceA += w / sum * (va - meanA) * (va - meanA);
                varianceB += w / sum * (vb - meanB) * (vb - meanB);
                covariance += w / sum * (va - meanA) * (vb - meanB);
            });
            total += (2 * meanA * meanB + 6.5025) * (2 * covariance + 58.5225)
                / ((meanA * meanA + meanB * meanB + 6.5025) * (varianceA + varianceB + 58.5225));
            windows++;
        }
        return total / windows;
    }
}
