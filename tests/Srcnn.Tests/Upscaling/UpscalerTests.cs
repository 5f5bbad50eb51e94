using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Cli;

namespace Srcnn.Tests.Upscaling;

public sealed class UpscalerTests
{
    private static Image Upscale(Image input, int channels = 1, int tile = 0)
    {
        using var backend = new HostBackend(2);
        using var model = new Model(Workplace.SmallModel(3, channels), backend);
        using var upscaler = new Upscaler(model, tile);
        return upscaler.Upscale(input);
    }

    [Test]
    public void TilesDoNotShow([Values(1, 3)] int channels)
    {
        var input = Workplace.Noise(31, 23);
        var whole = Upscale(input, channels, 1000);
        Assert.That(whole.Samples.Distinct().Count(), Is.GreaterThan(100), "a picture, not a black square");
        foreach (var tile in (int[])[7, 16, 64, 0]) Assert.That(Upscale(input, channels, tile).Samples, Is.EqualTo(whole.Samples), $"tile {tile}");
    }

    [TestCase(1, 1)]
    [TestCase(1, 5)]
    [TestCase(2, 1)]
    public void PicturesSmallerThanTheKernel(int width, int height)
    {
        var output = Upscale(Workplace.Noise(width, height));
        Assert.That((output.Width, output.Height), Is.EqualTo((3 * width, 3 * height)));
    }

    [Test]
    public void OneColourStaysThatColour([Values(1, 2, 3, 4)] int channels, [Values(8, 16)] int depth)
    {
        var input = new Image(6, 5, channels, depth);
        for (var i = 0; i < input.Samples.Length; i++) input.Samples[i] = (ushort)(((i % channels * 40) + 90) * input.MaxSample / 255);
        if (channels is 2 or 4) for (var i = channels - 1; i < input.Samples.Length; i += channels) input.Samples[i] = (ushort)input.MaxSample;
        using var bicubic = new BicubicUpscaler(3);
        var output = bicubic.Upscale(input);
        for (var i = 0; i < output.Samples.Length; i++) Assert.That(output.Samples[i], Is.EqualTo((int)input.Samples[i % channels]).Within(depth == 8 ? 0 : 1), $"sample {i}");
    }

    [Test]
    public void HiddenColoursMakeNoFringe()
    {
        // Red on the left; on the right nothing, under which the file keeps bright green.
        var input = new Image(12, 8, 4);
        for (var y = 0; y < 8; y++)
        for (var x = 0; x < 12; x++)
            ((ushort[])(x < 6 ? [200, 30, 30, 255] : [0, 255, 0, 0])).CopyTo(input.Row(y)[(4 * x)..]);
        using var bicubic = new BicubicUpscaler(3);
        var output = bicubic.Upscale(input);
        for (var i = 0; i < output.Samples.Length; i += 4)
        {
            if (output.Samples[i + 3] == 0) continue;
            Assert.That(output.Samples.AsSpan(i, 3).ToArray(), Is.EqualTo(new ushort[] { 200, 30, 30 }), $"pixel {i / 4}");
        }
    }

    [Test]
    public void LumaIsNotRoundedOnTheWay()
    {
        // A 16-bit ramp finer than 8 bit: rounding Y anywhere would leave steps.
        var input = new Image(40, 4, 3, 16);
        for (var i = 0; i < input.Samples.Length; i++) input.Samples[i] = (ushort)(30000 + (i / 3 % 40 * 4));
        var row = Upscale(input).Row(6).ToArray();
        Assert.That(Enumerable.Range(0, 120).Select(x => row[3 * x]).Distinct().Count(), Is.GreaterThan(60));
    }

    [Test]
    public void MetadataIsKept()
    {
        var input = new Image(4, 4, 3) { Metadata = new ImageMetadata(Icc: [1, 2, 3]) };
        Assert.That(Upscale(input).Metadata.Icc, Is.EqualTo(new byte[] { 1, 2, 3 }));
    }
}
