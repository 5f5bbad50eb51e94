using Srcnn.Kernels;

namespace Srcnn.Tests.Profiling;

public sealed class ProfileTests
{
    [Test]
    public void ARowCountsWhatNoPieceWithinItCounts()
    {
        var profile = new Profile();
        using (profile.Begin("outer", flops: 3))
        {
            Thread.Sleep(2);
            for (var i = 0; i < 2; i++)
            {
                using var inner = profile.Begin("inner", flops: 5, bytes: 7);
                Thread.Sleep(5);
            }
        }
        var rows = profile.Rows.ToDictionary(row => row.Name);
        var outer = profile.Spans.Single(span => span.Name == "outer");
        Assert.That(rows["inner"] with { Seconds = 0 }, Is.EqualTo(new ProfileRow("inner", "", 2, 0, 10, 14)));
        Assert.That(rows["outer"].Seconds + rows["inner"].Seconds, Is.EqualTo((outer.End - outer.Start) / 1e9).Within(1e-9));
        Assert.That(rows["inner"].Seconds, Is.GreaterThanOrEqualTo(0.01));
        Assert.That(rows["outer"].Flops, Is.EqualTo(3));
    }

    [Test]
    public void EveryThreadHasALineOfItsOwn()
    {
        var profile = new Profile();
        using (profile.Begin("here"))
        {
            var thread = new Thread(() => profile.Begin("there").Dispose()) { Name = "helper" };
            thread.Start();
            thread.Join();
        }
        var spans = profile.Spans.ToDictionary(span => span.Name);
        Assert.That(spans["here"].Track, Is.Not.EqualTo(spans["there"].Track));
        Assert.That(profile.Tracks[spans["there"].Track], Does.StartWith("helper"));
        Assert.That(profile.Rows.Single(row => row.Name == "here").Seconds, Is.EqualTo((spans["here"].End - spans["here"].Start) / 1e9).Within(1e-9), "another thread's work is not within it");
    }

    [Test]
    public void TheTraceEndsSomewhereButTheRowsGoOn()
    {
        var profile = new Profile();
        for (var i = 0; i < Profile.MostSpans + 3; i++) profile.Begin("again").Dispose();
        Assert.That((profile.Spans.Count, profile.Dropped, profile.Rows.Single().Calls), Is.EqualTo((Profile.MostSpans, 3, (long)Profile.MostSpans + 3)));
    }

    [TestCase("ilgpu-cpu"), TestCase("opencl"), TestCase("cuda")]
    public void EveryLaunchIsTimed(string name)
    {
        var profile = new Profile();
        using var backend = (IlgpuBackend)Require.Backend(name, profile);
        using var other = (IlgpuBackend)backend.OpenStream();
        var launched = new List<string>();
        backend.Launching = kernel => launched.Add(Kernel.NameOf(kernel));
        using var tensor = backend.Allocate(Shape.Vector(1000));
        for (var i = 0; i < 3; i++)
        {
            using (profile.Begin("work")) backend.Scale(tensor, 2);
            backend.Synchronize();
            other.Scale(tensor, 2);
            other.Synchronize();
        }
        var kernels = profile.Rows.Where(row => row.IsDevice).ToList();
        Assert.That(kernels.Sum(row => row.Calls), Is.EqualTo(launched.Count).And.EqualTo(7));
        Assert.That(kernels.Select(row => (row.Name, row.Kernel, row.Calls, row.Bytes)), Is.EquivalentTo(new[] { ("clear memory", "Fill", 1L, 4e3), ("work", "Scale", 3, 12e3), ("", "Scale", 3, 12e3) }));
        var tracks = profile.Spans.Where(span => span.Kernel.Length > 0).GroupBy(span => profile.Tracks[span.Track]).ToDictionary(track => track.Key, track => track.Count());
        Assert.That(tracks, Is.EquivalentTo(new Dictionary<string, int> { [$"{backend.Name}, stream 1"] = 4, [$"{backend.Name}, stream 2"] = 3 }));
        Assert.That(profile.Spans, Has.All.Matches<ProfileSpan>(span => span.Start >= 0 && span.End >= span.Start && span.End <= profile.Now));
    }

    [Test]
    public void KernelsCountTheOperationsOfTheirConvolution()
    {
        var profile = new Profile();
        using var backend = (IlgpuBackend)Require.Backend("ilgpu-cpu", profile);
        var g = new Conv2dGeometry(8, 1, 3);
        Shape input = new(1, 5, 7, 8);
        using Tensor x = backend.Allocate(input), w = backend.Allocate(g.Weight), b = backend.Allocate(g.Bias), y = backend.Allocate(g.Output(input));
        foreach (var isGradient in (bool[])[false, true])
        foreach (var plan in Conv2dPlan.All(new(g, isGradient)))
        {
            backend.Plan = _ => plan;
            var before = profile.Rows.Sum(row => row.Flops);
            if (isGradient) backend.Conv2dBackwardWeight(g, x, y, w, b);
            else backend.Conv2dForward(g, x, w, b, Activation.None, y);
            backend.Synchronize();
            // Swapped, the gradient is padded by zeros, which are multiplied too.
            Assert.That(profile.Rows.Sum(row => row.Flops) - before, plan.Swapped ? Is.GreaterThanOrEqualTo(g.Flops(input)) : Is.EqualTo(g.Flops(input)), $"{plan}");
        }
    }
}
