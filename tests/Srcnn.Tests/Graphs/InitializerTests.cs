using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Graphs;

public sealed class InitializerTests(string name) : BackendTests(name)
{
    [Test]
    public void HeVarianceIsTwoOverTheFanIn()
    {
        var values = new float[9 * 16 * 64];
        Initializers.He(new SeededRandom(1), new Shape(3, 3, 16, 64), values);
        var variance = values.Average(v => (double)v * v);
        // The estimate's own deviation is √(2/9216) of the variance, 1.5 %.
        Assert.That(variance, Is.EqualTo(2.0 / (9 * 16)).Within(6).Percent);
    }

    [Test]
    public void OneSeedGivesTheSameBitsEverywhere()
    {
        using var here = new Model(new SrcnnConfig(), 3, Backend);
        using var there = new Model(new SrcnnConfig(), 3, Reference);
        here.Parameters.Initialize(5);
        there.Parameters.Initialize(5);
        Assert.That(here.Parameters.Values.ToArray(), Is.EqualTo(there.Parameters.Values.ToArray()));
        there.Parameters.Initialize(6);
        Assert.That(here.Parameters.Values.ToArray(), Is.Not.EqualTo(there.Parameters.Values.ToArray()));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void TheIdentityStartPassesThePictureThrough(int channels)
    {
        using var model = new Model(new SrcnnConfig(3, 1, 3, 8, 6, Channels: channels), 3, Backend);
        model.Parameters.Initialize(1);
        using var runner = new PictureRunner(model);
        var picture = Array.ConvertAll(Values.Uniform(9 * 7 * channels, 3), v => (v + 1) / 2);
        // The last layer reads the other channels with weights of deviation 0.001: 9 taps of a few channels of size about 1.
        Assert.That(runner.Run(picture, 9, 7), Is.EqualTo(picture).Within(0.03));
    }

    [Test]
    public void BehindTheFirstLayerOnlyThePassingChannelReadsThePicture()
    {
        var (shape, values) = (new Shape(1, 1, 4, 3), new float[12]);
        Initializers.Identity(1, Initializers.He)(new SeededRandom(1), shape, values);
        Assert.Multiple(() =>
        {
            Assert.That(values[..3], Is.EqualTo(new[] { 1, 0, 0 }), "from the picture");
            Assert.That(new[] { values[3], values[6], values[9] }, Is.All.Zero, "into the picture");
            Assert.That(values[4..6].Concat(values[7..9]).Concat(values[10..]), Is.All.Not.Zero, "between the others");
        });
    }
}
