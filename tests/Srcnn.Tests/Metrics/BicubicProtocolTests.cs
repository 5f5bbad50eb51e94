using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;

namespace Srcnn.Tests.Metrics;

/// <summary>The published figures of bicubic: they pin luma, crop, both directions of the resizing and both metrics at once.</summary>
public sealed class BicubicProtocolTests
{
    [TestCase("Set5", 2, 33.66, 0.9299)]
    [TestCase("Set5", 3, 30.39, 0.8682)]
    [TestCase("Set5", 4, 28.42, 0.8104)]
    [TestCase("Set14", 2, 30.23, 0.8687)]
    [TestCase("Set14", 3, 27.54, 0.7736)]
    [TestCase("Set14", 4, 26.00, 0.7019)]
    public void MeansArePublishedOnes(string set, int scale, double psnr, double ssim)
    {
        var scores = Directory.GetFiles(Require.Data("data", set), "*.bmp").Select(file => Score(file, scale)).ToArray();
        Assert.That(scores.Average(s => s.Psnr), Is.EqualTo(psnr).Within(0.005 + 1e-3));
        Assert.That(scores.Average(s => s.Ssim), Is.EqualTo(ssim).Within(0.00005 + 1e-5));
    }

    [TestCase("baby", 33.91)]
    [TestCase("bird", 32.57)]
    [TestCase("butterfly", 24.04)]
    [TestCase("head", 32.88)]
    [TestCase("woman", 28.56)]
    public void PicturesOfSet5AreThePublishedOnes(string name, double psnr) =>
        Assert.That(Score(Path.Combine(Require.Data("data", "Set5"), name + "_GT.bmp"), 3).Psnr, Is.EqualTo(psnr).Within(0.005 + 1e-3));

    [Test]
    public void BridgeIsGrey() =>
        Assert.That(ImageFile.Probe(Path.Combine(Require.Data("data", "Set14"), "bridge.bmp")).Channels, Is.EqualTo(1));

    private static (double Psnr, double Ssim) Score(string file, int scale)
    {
        var high = Luma.Rounded(ImageFile.Read(file)).CropToMultiple(scale);
        var up = Bicubic.Resize(Degradation.LowResolution(high, scale), high.Width, high.Height);
        return (Psnr.Compute(up, high, scale), Ssim.Compute(up, high, scale));
    }
}
