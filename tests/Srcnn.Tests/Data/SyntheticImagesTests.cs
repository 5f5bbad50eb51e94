using System.Security.Cryptography;
using Srcnn.Engine.Data;

namespace Srcnn.Tests.Data;

public sealed class SyntheticImagesTests
{
    [Test]
    public void TheSameSeedGivesTheSamePictureOnEveryPlatform()
    {
        var picture = SyntheticImages.Generate(96, 64, 5);
        Assert.That(SyntheticImages.Generate(96, 64, 5), Is.EqualTo(picture));
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(picture))[..16], Is.EqualTo("3ed32fc34d742667"));
        Assert.That(SyntheticImages.Generate(96, 64, 6), Is.Not.EqualTo(picture));
    }

    [TestCase(1, 1)]
    [TestCase(1, 57)]
    [TestCase(300, 2)]
    [TestCase(33, 35)]
    public void OddSizesWork(int width, int height) => Assert.That(SyntheticImages.Generate(width, height, 1), Has.Length.EqualTo(width * height * 3));

    [Test]
    public void PicturesAreNeitherFlatNorNoise()
    {
        for (var seed = 0UL; seed < 30; seed++)
        {
            var (contrast, step) = Measure(SyntheticImages.Generate(128, 128, seed), 128);
            Assert.That(contrast, Is.InRange(8, 110), $"seed {seed}: standard deviation of green");
            // Of white noise neighbours differ by 1.13 standard deviations on average; natural pictures lie near 0.1 to 0.4.
            Assert.That(step / contrast, Is.InRange(0.02, 0.7), $"seed {seed}: mean step between neighbours over standard deviation");
        }
    }

    private static (double Contrast, double Step) Measure(byte[] rgb, int width)
    {
        var green = rgb.Where((_, i) => i % 3 == 1).Select(v => (double)v).ToArray();
        var mean = green.Average();
        var steps = Enumerable.Range(0, green.Length - 1).Where(i => i % width != width - 1).Average(i => Math.Abs(green[i + 1] - green[i]));
        return (Math.Sqrt(green.Average(v => (v - mean) * (v - mean))), steps);
    }

    [TestCase(0, 5)]
    [TestCase(5, -1)]
    [TestCase(65536, 65536)]
    public void ImpossibleSizesAreRefused(int width, int height) =>
        Assert.That(() => SyntheticImages.Generate(width, height, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
