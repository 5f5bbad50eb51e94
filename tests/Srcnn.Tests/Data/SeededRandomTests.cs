using Srcnn.Kernels;

namespace Srcnn.Tests.Data;

public sealed class SeededRandomTests
{
    [Test]
    public void TheSequenceIsXoshiro256StarStar()
    {
        // By hand from the definition: with state (1, 2, 3, 4) the first result is rotl(2·5, 7)·9.
        var random = new SeededRandom([1, 2, 3, 4]);
        Assert.That(new[] { random.NextUInt64(), random.NextUInt64() }, Is.EqualTo(new[] { 11520UL, 0UL }));
        Assert.That(random.NextUInt64(), Is.EqualTo(1509978240UL));
    }

    [Test]
    public void TheSeedGoesThroughSplitMix64() => Assert.That(new SeededRandom(0).State[0], Is.EqualTo(0xe220a8397b1dcdafUL));

    [Test]
    public void ASavedStateGoesOnWithTheSameNumbers()
    {
        var random = new SeededRandom(7);
        random.NextGaussian();
        var resumed = new SeededRandom(random.State);
        Assert.That(Enumerable.Range(0, 100).Select(_ => resumed.NextUInt64()), Is.EqualTo(Enumerable.Range(0, 100).Select(_ => random.NextUInt64()).ToArray()));
    }

    [Test]
    public void AStateOfZerosOrOfTheWrongLengthIsRefused()
    {
        Assert.That(() => new SeededRandom([0, 0, 0, 0]), Throws.ArgumentException);
        Assert.That(() => new SeededRandom([1, 2, 3]), Throws.ArgumentException);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public void IntegersAreUniform(int limit)
    {
        var random = new SeededRandom(1);
        var counts = new int[limit];
        for (var i = 0; i < 70_000; i++) counts[random.NextInt(limit)]++;
        Assert.That(counts, Has.All.EqualTo(70_000 / limit).Within(600));
    }

    [Test]
    public void ALargeLimitHasNoBias()
    {
        // 2^32 is 8/3 of the limit: without rejection two of every three numbers come half again as often as the third.
        var random = new SeededRandom(1);
        var counts = new int[3];
        for (var i = 0; i < 90_000; i++) counts[random.NextInt(3 << 29) % 3]++;
        Assert.That(counts, Has.All.EqualTo(30_000).Within(700));
    }

    [Test]
    public void GaussiansHaveTheMomentsOfTheNormalDistribution()
    {
        var random = new SeededRandom(1);
        var values = Enumerable.Range(0, 200_000).Select(_ => random.NextGaussian()).ToArray();
        Assert.That(values.Average(), Is.EqualTo(0).Within(0.01));
        Assert.That(values.Average(v => v * v), Is.EqualTo(1).Within(0.015));
        Assert.That(values.Average(v => v * v * v * v), Is.EqualTo(3).Within(0.1));
        Assert.That(values.Count(v => Math.Abs(v) < 1) / 200_000.0, Is.EqualTo(0.6827).Within(0.005));
        Assert.That(values.Count(v => Math.Abs(v) > 3) / 200_000.0, Is.EqualTo(0.0027).Within(0.0005));
    }

    [Test]
    public void ShufflesReachEveryOrderEquallyOften()
    {
        var random = new SeededRandom(1);
        var counts = new Dictionary<string, int>();
        for (var i = 0; i < 24_000; i++)
        {
            var items = "abcd".ToCharArray();
            random.Shuffle<char>(items);
            counts[new string(items)] = counts.GetValueOrDefault(new string(items)) + 1;
        }
        Assert.That(counts, Has.Count.EqualTo(24));
        Assert.That(counts.Values, Has.All.EqualTo(1000).Within(130));
    }

    [Test]
    public void ForksDifferFromEachOtherAndLeaveTheirSourceAlone()
    {
        var random = new SeededRandom(1);
        var before = random.State;
        Assert.That(Enumerable.Range(0, 1000).Select(i => random.Fork((ulong)i).NextUInt64()).Distinct().Count(), Is.EqualTo(1000));
        Assert.That(random.State, Is.EqualTo(before));
    }
}
