using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Stress;

public sealed class StressMeasuresTests
{
    [Test]
    public void RepeatedPixelsShrinkBackToThePicture([Values(1, 2, 3)] int scale) =>
        Assert.That(StressMeasures.ShrinkBackError(Repeated(Step(), scale), Step(), scale), Is.Zero);

    [Test]
    public void OnlyTheMeanOfABlockCounts()
    {
        var enlarged = Repeated(Step(), 2);
        for (var y = 0; y < enlarged.Height; y++)
        for (var x = 0; x < enlarged.Width * 3; x++)
            enlarged.Samples[(y * enlarged.Width * 3) + x] += (ushort)((y % 2, x / 3 % 2) switch { (0, 0) => 20, (0, 1) => -10, (1, 0) => 30, _ => -40 });
        Assert.That(StressMeasures.ShrinkBackError(enlarged, Step(), 2), Is.Zero);
    }

    [Test]
    public void TheShrinkBackErrorIsAMeanOfLevels()
    {
        var enlarged = Repeated(Step(), 2);
        for (var i = 0; i < enlarged.Samples.Length / 2; i++) enlarged.Samples[i] += 8; // half of the rows, every channel
        Assert.That(StressMeasures.ShrinkBackError(enlarged, Step(), 2), Is.EqualTo(4).Within(1e-12));
    }

    // Between 60 and 160, a row of 170 beside the edge is 10 beyond a contrast of 100.
    [TestCase(170, 0.1)]
    [TestCase(160, 0)]
    [TestCase(40, 0.2)]
    public void OvershootIsAShareOfTheContrast(int level, double expected)
    {
        var enlarged = Repeated(Step(), 2);
        for (var x = 0; x < enlarged.Width * 3; x++) enlarged.Samples[(enlarged.Width * 3 * 12) + x] = (ushort)level;
        // Luma of greys runs over 219 of 255 levels; it is rounded before and after.
        Assert.That(StressMeasures.Overshoot(Luma.Rounded(enlarged), Luma.Rounded(Step()), 2), Is.EqualTo(expected).Within(0.02));
    }

    [Test]
    public void WhatAThousandthOfThePixelsDoIsNoOvershoot()
    {
        var enlarged = Repeated(new Image(64, 64, 3), 1);
        for (var i = 0; i < 4; i++) enlarged.Samples[3 * 64 * 9 * i] = 255;
        Assert.That(Overshoot(), Is.Zero);
        for (var i = 0; i < 5 * 3; i++) enlarged.Samples[i] = 255;
        Assert.That(Overshoot(), Is.GreaterThan(1));

        double Overshoot() => StressMeasures.Overshoot(Luma.Rounded(enlarged), Luma.Rounded(new Image(64, 64, 3)), 1);
    }

    /// <summary>What is darker than black or brighter than white is never seen.</summary>
    [Test]
    public void BeyondBlackAndWhiteIsNoOvershoot()
    {
        var black = new Plane(8, 8, [.. Enumerable.Repeat(16f / 255, 64)]);
        Assert.That(StressMeasures.Overshoot(new Plane(8, 8, [.. Enumerable.Repeat(-0.1f, 64)]), black, 1), Is.Zero);
        Assert.That(StressMeasures.Overshoot(new Plane(8, 8, [.. Enumerable.Repeat(20f / 255, 64)]), black, 1), Is.EqualTo(0.5));
    }

    [Test]
    public void PicturesOfOtherSizesAreRefused() =>
        Assert.That(() => StressMeasures.ShrinkBackError(Repeated(Step(), 2), Step(), 3), Throws.ArgumentException);

    [Test]
    public void BicubicHidesBehindNobody()
    {
        using var bicubic = Upscaler.Bicubic(2);
        var e = StressEvaluation.Run(bicubic, "bicubic", ModelClass.Faithful, StressPictures.All(1));
        Assert.That(e.Scores, Has.Count.EqualTo(StressPictures.FamilyNames.Count));
        Assert.That(e.Scores.Max(s => Math.Abs(s.Error - s.BicubicError)), Is.Zero);
        Assert.That(e.Misses(), Has.Count.EqualTo(1).And.Exactly(1).StartsWith("text and lines: 0.00 dB above bicubic"));
    }

    [TestCase(4, 5.5, 0.15, true)]
    [TestCase(4, 5.51, 0.15, false)]
    [TestCase(20, 25, 0.15, true)]
    [TestCase(20, 25.01, 0.15, false)]
    [TestCase(4, 4, 0.151, false)]
    [TestCase(4, double.NaN, 0, false)]
    [TestCase(4, 4, double.NaN, false)]
    public void FaithfulIsAQuarterOrOneAndAHalfLevelsAndFifteenPerCent(double bicubic, double error, double overshoot, bool keeps)
    {
        var picture = new StressPicture("text", 0, new Image(1, 1, 3), HasHardShapes: true);
        var e = new StressEvaluation("m", 2, ModelClass.Faithful, [new StressScore(picture, error, bicubic, overshoot, 30, 28)]);
        Assert.That(e.Misses(), keeps ? Is.Empty : Has.Count.EqualTo(1));
        Assert.That(e.Misses(ModelClass.Paper).Count, Is.EqualTo(double.IsNaN(error + overshoot) ? 1 : 0));
    }

    /// <summary>12×12 pixels, 60 above and 160 below.</summary>
    private static Image Step()
    {
        var image = new Image(12, 12, 3);
        for (var i = 0; i < image.Samples.Length; i++) image.Samples[i] = i < image.Samples.Length / 2 ? (ushort)60 : (ushort)160;
        return image;
    }

    private static Image Repeated(Image image, int scale)
    {
        var repeated = new Image(image.Width * scale, image.Height * scale, image.Channels);
        for (var i = 0; i < repeated.Samples.Length; i++)
        {
            var (pixel, c) = Math.DivRem(i, image.Channels);
            var (y, x) = Math.DivRem(pixel, repeated.Width);
            repeated.Samples[i] = image.Samples[(((y / scale * image.Width) + (x / scale)) * image.Channels) + c];
        }
        return repeated;
    }
}
