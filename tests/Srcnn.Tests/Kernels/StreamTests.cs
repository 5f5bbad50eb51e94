using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Several streams of one device, and what is sent on them.</summary>
public sealed class StreamTests(string name) : BackendTests(name)
{
    [Test]
    public void WhatIsSentArrivesInTheOrderOfItsStream()
    {
        using var stream = Backend.OpenStream();
        using var staged = stream.Stage(new(1, 3, 5, 1));
        Assert.That(staged.Tensor.ToArray(), Is.All.Zero);
        var values = Values.Uniform(15, 3);
        values.CopyTo(staged.Values);
        staged.Send(15);
        stream.Scale(staged.Tensor, 2);
        Assert.That(staged.Tensor.ToArray(), Is.EqualTo(Array.ConvertAll(values, v => 2 * v)));
        staged.Values[..4].Fill(7);
        staged.Send(4);
        Assert.That(staged.Tensor.ToArray()[..4], Is.All.EqualTo(7));
    }

    [Test]
    public async Task AnotherStreamReadsWhatThisOneWroteOnceItIsDone()
    {
        using var other = Backend.OpenStream();
        using var tensor = Backend.Allocate(Shape.Vector(100_000));
        Backend.Fill(tensor, 3);
        await Backend.WhenDone();
        using var copy = other.Allocate(tensor.Shape);
        other.Copy(tensor, copy);
        Assert.That(copy.ToArray(), Is.All.EqualTo(3));
    }

    [Test]
    public void ThreadsComputeTheSameBitsSideBySide()
    {
        var g = new Conv2dGeometry(5, 9, 3, Padding.Same(3, PaddingMode.Replicate));
        Shape input = new(2, 11, 13, 5);
        using Tensor x = Backend.Allocate(input), w = Backend.Allocate(g.Weight), b = Backend.Allocate(g.Bias);
        foreach (var (tensor, seed) in new[] { x, w, b }.Zip([1, 2, 3])) tensor.CopyFrom(Values.Uniform(tensor.Shape.Length, seed));
        Backend.Synchronize();
        var expected = Convolve(Backend, scale: 1);
        Parallel.For(0, 4, thread =>
        {
            using var stream = Backend.OpenStream();
            for (var time = 0; time < 5; time++)
                Assert.That(Convolve(stream, 1 << thread), Is.EqualTo(Array.ConvertAll(expected, v => v * (1 << thread))), $"thread {thread}");
        });

        float[] Convolve(IBackend stream, int scale)
        {
            using var y = stream.Allocate(g.Output(input));
            stream.Conv2dForward(g, x, w, b, Activation.Relu, y);
            stream.Scale(y, scale);
            return y.ToArray();
        }
    }

    [Test]
    public void OpsGoOnWithoutTheMemoryTheyKept()
    {
        var g = new Conv2dGeometry(2, 3, 3, Padding.Same(3, PaddingMode.Zero));
        for (var time = 0; time < 2; time++)
        {
            Matches(g.Terms, [new(1, 6, 7, 2), g.Weight, g.Bias, new(1, 6, 7, 3)], (b, t) => b.Conv2dForward(g, t[0], t[1], t[2], Activation.None, t[3]));
            Backend.Trim();
        }
    }
}
