using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Which variant runs is a function of geometry and device class alone.</summary>
public sealed class Conv2dPlanTests
{
    [TestCase(1, 64, 9, "Strip 32", "Tile 8×128")]
    [TestCase(64, 32, 1, "Strip 32", "Tile 4×128")]
    [TestCase(32, 1, 5, "Dot 16", "Dot 16")]
    [TestCase(1, 32, 5, "Strip 32", "Tile 4×128")]
    [TestCase(64, 33, 3, "Strip 16", "Tile 8×128")]
    [TestCase(56, 12, 1, "Strip 8", "Strip 8")]
    [TestCase(32, 3, 5, "Dot 16", "Dot 16")]
    [TestCase(56, 1, 9, "Dot 8", "Dot 8")]
    [TestCase(11, 1, 3, "Strip 1", "Strip 1")]
    [TestCase(16, 1, 3, "Dot 16", "Dot 16")]
    [TestCase(1, 1, 3, "Strip 1", "Strip 1")]
    public void Forward(int channels, int filters, int kernel, string cpu, string gpu) =>
        Expect(new(channels, filters, kernel, 1, WeightGradient: false), cpu, gpu);

    [TestCase(1, 64, 9, "Strip 32", "Tile 8×128")]
    [TestCase(64, 32, 1, "Strip 32", "Tile 4×64")]
    [TestCase(32, 1, 5, "Swapped Strip 32", "Swapped Tile 4×64")]
    [TestCase(64, 1, 1, "Strip 1", "Strip 1")]
    [TestCase(64, 1, 3, "Swapped Strip 32", "Swapped Tile 8×64")]
    [TestCase(1, 1, 3, "Strip 1", "Strip 1")]
    [TestCase(1, 1, 1, "Plain 1", "Plain 1")]
    [TestCase(56, 12, 1, "Swapped Strip 32", "Strip 8")]
    [TestCase(12, 56, 1, "Strip 32", "Tile 8×64")]
    [TestCase(12, 12, 3, "Strip 8", "Strip 8")]
    [TestCase(1, 64, 3, "Strip 32", "Tile 8×64")]
    public void WeightGradient(int channels, int filters, int kernel, string cpu, string gpu) =>
        Expect(new(channels, filters, kernel, 1, WeightGradient: true), cpu, gpu);

    [TestCase(2, 0)]
    [TestCase(3, 3)]
    [TestCase(4, 3)]
    [TestCase(5, 5)]
    [TestCase(6, 3)]
    [TestCase(9, 5)]
    [TestCase(12, 3)]
    [TestCase(64, 8)]
    [TestCase(320, 8)]
    public void AStripOfWeightsStaysUnderATapRow(int rowTerms, int rows) => Assert.That(Conv2dPlan.WeightRows(rowTerms), Is.EqualTo(rows));

    [Test]
    public void NarrowPicturesHaveNoRoomForStrips()
    {
        Assert.That(new Conv2dPlan(Conv2dVariant.Strip, 32).At(4), Is.EqualTo(new Conv2dPlan(Conv2dVariant.Plain)));
        Assert.That(new Conv2dPlan(Conv2dVariant.Strip, 32).At(5).Lanes, Is.EqualTo(32));
        Assert.That(new Conv2dPlan(Conv2dVariant.Dot, 16).At(6), Is.EqualTo(new Conv2dPlan(Conv2dVariant.Plain)));
        Assert.That(new Conv2dPlan(Conv2dVariant.Dot, 16).At(7).Lanes, Is.EqualTo(16));
        Assert.That(new Conv2dPlan(Conv2dVariant.Tile, 8, 64).At(1).Variant, Is.EqualTo(Conv2dVariant.Tile));
    }

    [Test]
    public void AGpuThreadHoldsAtMostSixteenChannels()
    {
        for (var channels = 1; channels <= 130; channels++) Assert.That(Conv2dPlan.LanesFor(channels, DeviceClass.Gpu), Is.LessThanOrEqualTo(16));
    }

    [Test]
    public void TheChosenPlanIsOneOfAll()
    {
        foreach (var device in Enum.GetValues<DeviceClass>())
        foreach (var gradient in new[] { false, true })
        foreach (var (channels, filters, kernel) in new[] { (1, 64, 9), (64, 32, 1), (32, 1, 5), (3, 1, 9), (56, 12, 1), (1, 1, 1), (64, 1, 1), (40, 7, 3) })
        {
            var task = new Conv2dTask(channels, filters, kernel, 1, gradient);
            Assert.That(Conv2dPlan.All(task), Does.Contain(Conv2dPlan.For(task, device)), task.ToString());
        }
    }

    [TestCase(3200, 5184)]
    [TestCase(1, 5)]
    [TestCase(257, 36864)]
    [TestCase(10, 8_000_000)]
    public void SlicesCoverTheRowsAndNoneIsEmpty(int rows, int weights)
    {
        foreach (var device in Enum.GetValues<DeviceClass>())
        {
            var (count, each) = IlgpuBackend.Slices(rows, weights, device);
            Assert.That(count * each, Is.GreaterThanOrEqualTo(rows));
            Assert.That((count - 1) * each, Is.LessThan(rows));
        }
    }

    private static void Expect(Conv2dTask task, string cpu, string gpu)
    {
        Assert.That(Conv2dPlan.For(task, DeviceClass.Cpu).ToString(), Is.EqualTo(cpu));
        Assert.That(Conv2dPlan.For(task, DeviceClass.Gpu).ToString(), Is.EqualTo(gpu));
    }
}
