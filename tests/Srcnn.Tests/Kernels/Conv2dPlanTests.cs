using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Which variant runs is a function of geometry and device class alone.</summary>
public sealed class Conv2dPlanTests
{
    [TestCase(1, 64, 9, 25, "Strip 32")]
    [TestCase(64, 32, 1, 80000, "Strip 32")]
    [TestCase(32, 1, 5, 21, "Dot 32")]
    [TestCase(1, 32, 5, 25, "Strip 32")]
    [TestCase(64, 33, 3, 25, "Strip 16")]
    [TestCase(56, 12, 1, 900, "Strip 8")]
    [TestCase(11, 1, 3, 25, "Strip 1")]
    [TestCase(16, 1, 3, 25, "Dot 16")]
    [TestCase(1, 1, 3, 25, "Strip 1")]
    [TestCase(64, 64, 3, 4, "Plain 1")]
    public void Forward(int channels, int filters, int kernel, int width, string expected)
    {
        var plan = Conv2dPlan.Forward(new(channels, filters, kernel), width, wide: true);
        Assert.That($"{plan.Variant} {plan.Lanes}", Is.EqualTo(expected));
    }

    [TestCase(1, 64, 9, "Strip 32")]
    [TestCase(64, 32, 1, "Strip 32")]
    [TestCase(32, 1, 5, "Swapped 32")]
    [TestCase(56, 12, 1, "Strip 8")]
    [TestCase(1, 64, 3, "Plain 1")]
    public void BackwardWeight(int channels, int filters, int kernel, string expected)
    {
        var plan = Conv2dPlan.BackwardWeight(new(channels, filters, kernel), wide: true);
        Assert.That($"{plan.Variant} {plan.Lanes}", Is.EqualTo(expected));
    }

    [Test]
    public void AGpuThreadHoldsAtMostSixteenChannels()
    {
        for (var channels = 1; channels <= 130; channels++) Assert.That(Conv2dPlan.LanesFor(channels, wide: false), Is.LessThanOrEqualTo(16));
        Assert.That(Conv2dPlan.Forward(new(32, 1, 5), 21, wide: false).Lanes, Is.EqualTo(16));
    }

    [TestCase(3200, 5184)]
    [TestCase(1, 5)]
    [TestCase(257, 36864)]
    [TestCase(10, 8_000_000)]
    public void SlicesCoverTheRowsAndNoneIsEmpty(int rows, int weights)
    {
        var (count, each) = IlgpuBackend.Slices(rows, weights);
        Assert.That(count * each, Is.GreaterThanOrEqualTo(rows));
        Assert.That((count - 1) * each, Is.LessThan(rows));
    }
}
