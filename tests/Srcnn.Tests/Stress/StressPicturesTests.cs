using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Training;

namespace Srcnn.Tests.Stress;

public sealed class StressPicturesTests
{
    [Test]
    public void APictureIsAFunctionOfItsSeedAndNumber()
    {
        var (first, again, other) = (Samples(0), Samples(0), Samples(1));
        Assert.That(again, Is.EqualTo(first));
        for (var i = 0; i < first.Length; i++) Assert.That(other[i], Is.Not.EqualTo(first[i]), $"picture {i}");

        static ushort[][] Samples(ulong seed) => [.. StressPictures.All(2, seed).Select(p => p.Image.Samples)];
    }

    [Test]
    public void EveryFamilyHasPicturesOfSeveralKindsThatAreNotPlain()
    {
        var all = StressPictures.All(6).ToList();
        Assert.That(all.Select(p => p.Family).Distinct(), Is.EqualTo(StressPictures.FamilyNames));
        foreach (var picture in all)
        {
            Assert.That(picture.Image.Samples.Distinct().Count(), Is.GreaterThan(1), picture.Name);
            Assert.That((picture.Image.Width, picture.Image.Height, picture.Image.Channels), Is.EqualTo((StressPictures.Side, StressPictures.Side, 3)));
        }
        foreach (var family in all.GroupBy(p => p.Family)) Assert.That(family.Select(p => string.Join(" ", p.Image.Samples)).Distinct().Count(), Is.EqualTo(6), family.Key);
    }

    // What a family is for must be in it: pure black and white, dots of a pixel, edges between two pixels.
    [TestCase("1-bit scans", 2)]
    [TestCase("checkerboards", 2)]
    [TestCase("dithering", 2)]
    public void FamiliesOfTwoColoursHaveTwo(string family, int colours)
    {
        foreach (var picture in StressPictures.All(8).Where(p => p.Family == family))
            Assert.That(picture.Image.Samples.Chunk(3).Select(p => (p[0], p[1], p[2])).Distinct().Count(), Is.EqualTo(colours), picture.Name);
    }

    [Test]
    public void LettersAreReadable()
    {
        // A T of 12 pixels' height: a bar on top, a stem in the middle, nothing in the corners below.
        var canvas = new StressCanvas(20, 20, Ink.White);
        canvas.Text("T", 4, 4, 12, 0.6f, Ink.Black);
        Assert.Multiple(() =>
        {
            Assert.That(canvas.At(4, 4), Is.EqualTo(Ink.Black));
            Assert.That(canvas.At(12, 4), Is.EqualTo(Ink.Black));
            Assert.That(canvas.At(8, 16), Is.EqualTo(Ink.Black));
            Assert.That(canvas.At(5, 14), Is.EqualTo(Ink.White));
            Assert.That(canvas.At(11, 14), Is.EqualTo(Ink.White));
            Assert.That(StrokeFont.Characters.Where(c => c != ' ').All(c => StrokeFont.Strokes(c).All(s => s.Length > 1)));
        });
    }

    [Test]
    public void SmoothEdgesHaveAPixelOfGrey()
    {
        foreach (var isSmooth in new[] { false, true })
        {
            var canvas = new StressCanvas(9, 1, Ink.White) { IsSmooth = isSmooth };
            canvas.HalfPlane(4.25f, 0, 1, 0, Ink.Black);
            Assert.That(Enumerable.Range(0, 9).Count(x => canvas.At(x, 0) is { R: > 0 and < 255 }), Is.EqualTo(isSmooth ? 1 : 0));
            Assert.That(canvas.At(4, 0).R, Is.EqualTo(isSmooth ? 63.75f : 0));
        }
    }

    [Test]
    public void JpegBlocksAreThoseOfTheStandard()
    {
        // A plane of one level has only a DC coefficient, 8·(level − 128), in steps of 16 at quality 50; a ramp loses detail with quality, and blocks stay apart.
        Assert.That(new JpegBlocks(50).Run([.. Enumerable.Repeat(131f, 64)], 8, 8), Is.All.EqualTo(132f).Within(1e-4), "24 is one and a half steps and rounds to two, 4 levels");
        float[] ramp = [.. Enumerable.Range(0, 256).Select(i => (float)(i % 16 * 15))];
        Assert.That(Error(10), Is.GreaterThan(Error(50)));
        Assert.That(Error(100), Is.LessThan(1));

        double Error(int quality) => new JpegBlocks(quality).Run(ramp, 16, 16).Zip(ramp, (a, b) => Math.Abs(a - b)).Average();
    }

    [TestCase(2)]
    [TestCase(3)]
    public void TrainingSeesOtherPicturesThanThoseMeasuredOn(int scale)
    {
        var set = StressSet.Generate(new TrainingConfig { Network = "compact-1-2", Scale = scale, Stress = 0.1, Patch = 24 });
        Assert.That(set, Has.Count.EqualTo(16 * (StressPictures.FamilyNames.Count - 6)));
        var measured = StressPictures.All().Select(p => Convert.ToHexString(Luma.Rounded(p.Image).ToBytes())).ToHashSet();
        Assert.That(set.Select(p => new Plane(p.InputWidth, p.InputHeight, p.Pixels().Input)).Select(p => Convert.ToHexString(p.ToBytes())).Any(measured.Contains), Is.False);
        Assert.That(StressSet.Generate(new TrainingConfig { Network = "compact-1-2", Scale = scale, Patch = 24 }), Is.Empty);
    }

    [Test]
    public void FiveOfEightThatTrainingSeesAreTheirTargetsShrunkByBox()
    {
        const int Scale = 3;
        var set = StressSet.Generate(new TrainingConfig { Network = "compact-1-2", Scale = Scale, Stress = 0.1, Patch = 24 });
        var exact = 0;
        foreach (var picture in set)
        {
            var (input, target) = picture.Pixels();
            var worst = 0f;
            for (var i = 0; i < input.Length; i++)
            {
                var (y, x) = Math.DivRem(i, picture.InputWidth);
                var sum = 0f;
                for (var k = 0; k < Scale * Scale; k++) sum += target[(((y * Scale) + (k / Scale)) * picture.Width) + (x * Scale) + (k % Scale)];
                worst = Math.Max(worst, Math.Abs((sum / (Scale * Scale)) - input[i]));
            }
            if (worst <= 1.6f / 255) exact++; // two roundings to 8 bit, one of them of three channels
        }
        Assert.That(exact, Is.GreaterThanOrEqualTo(set.Count * 5 / 8).And.LessThan(set.Count * 3 / 4));
    }
}
