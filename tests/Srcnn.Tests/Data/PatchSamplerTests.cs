using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;

namespace Srcnn.Tests.Data;

public sealed class PatchSamplerTests
{
    private static readonly TrainingConfig Config = new() { Patch = 5, Stride = 3, Crops = Crops.Grid, Augment = false };

    // Every pixel of every picture has a value of its own, and the target is the input: a patch tells where it came from.
    private static readonly TrainingPicture[] Two = [Numbered(9, 12, 0), Numbered(5, 7, 1000)];

    [TestCase(2, 21_910)]
    [TestCase(3, 21_884)]
    [TestCase(4, 21_772)]
    public void T91GivesAsManyPairsAsTheAuthorsHave(int scale, int pairs)
    {
        var pictures = PictureFolder.Files(Require.Data("data", "T91")).Select(file =>
        {
            var info = ImageFile.Probe(file);
            return new TrainingPicture(file, info.Width / scale * scale, info.Height / scale * scale, 1, scale, NetworkInput.Bicubic, new PicturePair([], []));
        });
        var config = new TrainingConfig { Scale = scale, Crops = Crops.Grid };
        Assert.That(new PatchSampler([.. pictures], config, 21).EpochLength, Is.EqualTo(pairs));
    }

    [Test]
    public void AShareOfTheSamplesComesFromStressPictures()
    {
        var config = Config with { Crops = Crops.Anywhere, Stress = 0.2 };
        var sampler = new PatchSampler(Two, config, 3, [Numbered(6, 6, 5000)]);
        var stressed = Enumerable.Range(0, 5000).Count(n => Input(sampler, n)[0] >= 5000);
        Assert.That(stressed / 5000.0, Is.EqualTo(0.2).Within(0.02), "3.5 deviations");
    }

    [Test]
    public void EveryGridPatchComesOncePerEpochInAnOrderOfItsOwn()
    {
        var sampler = new PatchSampler(Two, Config, 3);
        Assert.That(sampler.EpochLength, Is.EqualTo((2 * 3) + 1));
        var epochs = Enumerable.Range(0, 4).Select(e => Enumerable.Range(0, 7).Select(i => Input(sampler, (e * 7) + i)[0]).ToArray()).ToArray();
        float[] all = [0, 3, 6, 36, 39, 42, 1000];
        Assert.That(epochs, Is.All.EquivalentTo(all));
        Assert.That(epochs.Skip(1), Has.Some.Not.EqualTo(epochs[0]));
    }

    [Test]
    public void ASampleDependsOnItsNumberAlone([Values] Crops crops)
    {
        var config = Config with { Crops = crops, Augment = true };
        var inOrder = Enumerable.Range(0, 60).Select(n => Input(new PatchSampler(Two, config, 3), n)).ToArray();
        var shared = new PatchSampler(Two, config, 3);
        var anyhow = new float[60][];
        Parallel.For(0, 60, i => anyhow[59 - i] = Input(shared, 59 - i));
        Assert.That(anyhow, Is.EqualTo(inOrder));
        Assert.That(Enumerable.Range(0, 60).Select(n => Input(new PatchSampler(Two, config with { Seed = 2 }, 3), n)), Is.Not.EqualTo(inOrder));
    }

    [TestCase(1)]
    [TestCase(3)]
    public void TheEightTurnsDifferAndKeepInputAndTargetAligned(int channels)
    {
        var picture = Numbered(5, 5, 0, channels);
        var sampler = new PatchSampler([picture], Config with { Augment = true }, 3);
        HashSet<string> seen = [];
        for (var n = 0; n < 200; n++)
        {
            var (input, target) = (new float[25 * channels], new float[9 * channels]);
            sampler.Cut(n, input, target);
            seen.Add(string.Join(' ', input));
            for (var y = 0; y < 3; y++)
                Assert.That(target.AsSpan(y * 3 * channels, 3 * channels).ToArray(), Is.EqualTo(input.AsSpan((((y + 1) * 5) + 1) * channels, 3 * channels).ToArray()));
            Assert.That(input.Order(), Is.EqualTo(picture.Pixels().Input), "the same pixels");
            for (var i = 0; i < input.Length; i += channels) Assert.That(input[i] % channels, Is.Zero, "channels keep their order");
        }
        Assert.That(seen, Has.Count.EqualTo(8));
    }

    [Test]
    public void AnywhereReachesEveryValidPositionAboutEquallyOften()
    {
        var sampler = new PatchSampler(Two, Config with { Crops = Crops.Anywhere }, 3);
        var counts = Enumerable.Range(0, 8000).GroupBy(n => Input(sampler, n)[0]).ToDictionary(g => g.Key, g => g.Count());
        var valid = from y in Enumerable.Range(0, 5) from x in Enumerable.Range(0, 8) select (y * 12f) + x;
        Assert.That(counts.Keys, Is.EquivalentTo(valid.Concat([1000f, 1001f, 1002f])));
        Assert.That(counts.Values, Is.All.InRange(120, 260), "186 each are expected, their deviation is 14");
        Assert.That(sampler.EpochLength, Is.EqualTo(7), "an epoch is as long as with the grid");
    }

    private static float[] Input(PatchSampler sampler, long n)
    {
        var (input, target) = (new float[25], new float[9]);
        sampler.Cut(n, input, target);
        return input;
    }

    private static TrainingPicture Numbered(int height, int width, int first, int channels = 1)
    {
        float[] values = [.. Enumerable.Range(first, height * width * channels).Select(i => (float)i)];
        return new TrainingPicture($"from {first}", width, height, channels, 2, NetworkInput.Bicubic, new PicturePair(values, values));
    }
}
