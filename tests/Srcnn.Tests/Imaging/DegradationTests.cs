using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

public sealed class DegradationTests
{
    [Test]
    public void EveryFileOfMatlabIsMatchedBitForBit([Values(2, 3, 4)] int scale, [Range(1, 5)] int picture)
    {
        var folder = Require.Data("data", "matlab-lr", $"set5-x{scale}");
        var high = ImageFile.Read(Path.Combine(folder, $"img_{picture:000}_SRF_{scale}_HR.png"));
        var expected = ImageFile.Read(Path.Combine(folder, $"img_{picture:000}_SRF_{scale}_LR.png"));
        var low = Degradation.LowResolution8(high, scale);
        Assert.That((low.Width, low.Height, low.Channels), Is.EqualTo((expected.Width, expected.Height, expected.Channels)));
        Assert.That(low.Samples.AsSpan().SequenceEqual(expected.Samples)); // NUnit compares long arrays slowly
    }
}
