using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>The streaming executor against the same ops run layer by layer over whole pictures.</summary>
public sealed class RowStreamTests
{
    private static readonly (int Height, int Width)[] Pictures = [(1, 1), (1, 17), (23, 1), (5, 7), (19, 41), (64, 33)];

    [Test]
    public void StreamingEqualsLayerByLayerToTheBit(
        [Values(PaddingMode.Replicate, PaddingMode.Zero)] PaddingMode mode,
        [Values(1, 4, 64)] int chunk,
        [Values(0, 1, 5, 1000)] int panel,
        [Values(1, 3)] int threads)
    {
        using var chain = new Chain(mode, (1, 12, 9, Activation.Relu), (12, 33, 1, Activation.Relu), (33, 5, 3, Activation.None), (5, 1, 5, Activation.None));
        using var stream = new RowStream(chain.Ops, 1, threads, chunk, panel);
        foreach (var (height, width) in Pictures)
        {
            var picture = Randoms(height * width, seed: 7);
            var output = new float[height * width];
            stream.Run(picture, height, width, output);
            Assert.That(output, Is.EqualTo(chain.LayerByLayer(picture, height, width)), $"{height}×{width}");
        }
    }

    [Test]
    public void ALongChainStreams([Values(1, 4)] int chunk)
    {
        using var chain = new Chain(PaddingMode.Zero, [.. Enumerable.Repeat((3, 3, 3, Activation.Relu), 12)]);
        using var stream = new RowStream(chain.Ops, 3, 2, chunk, panel: 9);
        var picture = Randoms(31 * 29 * 3, seed: 8);
        var output = new float[picture.Length];
        stream.Run(picture, 31, 29, output);
        Assert.That(output, Is.EqualTo(chain.LayerByLayer(picture, 31, 29)));
    }

    [Test]
    public void ChangedWeightsAreSeenByTheNextPicture([Values] bool fast)
    {
        using var chain = new Chain(PaddingMode.Zero, (1, 16, 9, Activation.None), (16, 16, 3, Activation.None), (16, 1, 5, Activation.None));
        using var stream = new RowStream(fast ? chain.FastOps : chain.Ops, 1, 1);
        var picture = Randoms(64, seed: 9);
        var (before, after) = (new float[64], new float[64]);
        stream.Run(picture, 8, 8, before);
        for (var i = 0; i < chain.Weights.Count; i++)
        {
            chain.Weights[i].CopyFrom(Randoms(chain.Weights[i].Shape.Length, seed: 10 + i));
            stream.Run(picture, 8, 8, after);
            using var fresh = new RowStream(fast ? chain.FastOps : chain.Ops, 1, 1);
            var expected = new float[64];
            fresh.Run(picture, 8, 8, expected);
            Assert.That(after, Is.Not.EqualTo(before).And.EqualTo(expected), $"weights {i}");
            after.CopyTo(before, 0);
        }
    }

    [Test]
    public void ALongChainOfBlocksOfFourRowsDoesNotDependOnChunksAndPanels([Values] PaddingMode mode)
    {
        using var chain = new Chain(mode, (1, 16, 9, Activation.Relu), (16, 16, 3, Activation.Relu), (16, 16, 5, Activation.Relu), (16, 16, 3, Activation.Relu), (16, 1, 5, Activation.None));
        foreach (var (height, width) in Pictures)
        {
            var picture = Randoms(height * width, seed: 11);
            float[] Stream(int chunk, int panel, int threads)
            {
                using var stream = new RowStream(chain.FastOps, 1, threads, chunk, panel);
                var output = new float[picture.Length];
                stream.Run(picture, height, width, output);
                return output;
            }
            var whole = Stream(height, width, 1); // nothing leaves a ring
            foreach (var (chunk, panel, threads) in new[] { (1, 5, 2), (2, 1000, 1), (3, 9, 1), (4, 0, 2), (5, 16, 3) })
                Assert.That(Stream(chunk, panel, threads), Is.EqualTo(whole), $"{height}×{width} by chunks of {chunk}, panels of {panel}");
        }
    }

    [Test]
    public void NaNOfAnEarlierPictureDoesNotReachTheNext([Values] PaddingMode mode)
    {
        using var chain = new Chain(mode, (3, 1, 3, Activation.None));
        using var stream = new RowStream(chain.Ops, 3, 1);
        float[] broken = new float[12 * 12 * 3], picture = Randoms(7 * 5 * 3, seed: 12), output = new float[7 * 5];
        Array.Fill(broken, float.NaN);
        stream.Run(broken, 12, 12, new float[12 * 12]);
        stream.Run(picture, 7, 5, output);
        Assert.That(output, Is.EqualTo(chain.LayerByLayer(picture, 7, 5)));
    }

    [Test]
    public void AConvolutionThatChangesTheSizeDoesNotStream()
    {
        Assert.That(Conv2dRowOp.Suits(new Conv2dGeometry(1, 1, 3)), Is.False);
        Assert.That(Conv2dRowOp.Suits(new Conv2dGeometry(1, 1, 3, Padding.Same(3, PaddingMode.Zero), Stride: 2)), Is.False);
        Assert.That(Conv2dRowOp.Suits(new Conv2dGeometry(1, 1, 3, Padding.Same(3, PaddingMode.Zero))), Is.True);
    }

    private static float[] Randoms(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.4f)];
    }

    private sealed class Chain : IDisposable
    {
        private readonly HostBackend backend = new(1);
        private readonly List<(Conv2dGeometry Geometry, Tensor Weight, Tensor Bias, Activation Activation)> layers = [];

        public Chain(PaddingMode mode, params (int In, int Out, int Kernel, Activation Activation)[] sizes)
        {
            foreach (var (inChannels, outChannels, kernel, activation) in sizes)
            {
                var geometry = new Conv2dGeometry(inChannels, outChannels, kernel, Padding.Same(kernel, mode));
                var (weight, bias) = (backend.Allocate(geometry.Weight), backend.Allocate(geometry.Bias));
                weight.CopyFrom(Randoms(weight.Shape.Length, seed: layers.Count));
                bias.CopyFrom(Randoms(bias.Shape.Length, seed: 100 + layers.Count));
                layers.Add((geometry, weight, bias, activation));
            }
        }

        public IReadOnlyList<IRowOp> Ops => [.. layers.Select(l => new DirectRowOp(l.Geometry, l.Weight, l.Bias, l.Activation))];

        public IReadOnlyList<IRowOp> FastOps => [.. layers.Select(l => Conv2dAlgorithms.RowOp(l.Geometry, l.Weight, l.Bias, l.Activation, Algorithm.Fast))];

        public IReadOnlyList<Tensor> Weights => [.. layers.Select(l => l.Weight)];

        public float[] LayerByLayer(float[] picture, int height, int width)
        {
            var values = picture;
            foreach (var (geometry, weight, bias, activation) in layers)
            {
                using var input = backend.Allocate(new Shape(1, height, width, geometry.InChannels));
                input.CopyFrom(values);
                using var output = backend.Allocate(geometry.Output(input.Shape));
                backend.Conv2dForward(geometry, input, weight, bias, activation, output);
                values = output.ToArray();
            }
            return values;
        }

        public void Dispose()
        {
            foreach (var (_, weight, bias, _) in layers)
            {
                weight.Dispose();
                bias.Dispose();
            }
            backend.Dispose();
        }
    }
}
