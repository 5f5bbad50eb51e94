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
        using var stream = new RowStream(chain.Graph(), threads, chunk, panel);
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
        using var stream = new RowStream(chain.Graph(), 2, chunk, panel: 9);
        var picture = Randoms(31 * 29 * 3, seed: 8);
        var output = new float[picture.Length];
        stream.Run(picture, 31, 29, output);
        Assert.That(output, Is.EqualTo(chain.LayerByLayer(picture, 31, 29)));
    }

    [Test]
    public void ChangedWeightsAreSeenByTheNextPicture([Values] bool fast)
    {
        using var chain = new Chain(PaddingMode.Zero, (1, 16, 9, Activation.None), (16, 16, 3, Activation.None), (16, 1, 5, Activation.None));
        using var stream = new RowStream(chain.Graph(fast), 1);
        var picture = Randoms(64, seed: 9);
        var (before, after) = (new float[64], new float[64]);
        stream.Run(picture, 8, 8, before);
        for (var i = 0; i < chain.Weights.Count; i++)
        {
            chain.Weights[i].CopyFrom(Randoms(chain.Weights[i].Shape.Length, seed: 10 + i));
            stream.Run(picture, 8, 8, after);
            using var fresh = new RowStream(chain.Graph(fast), 1);
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
                using var stream = new RowStream(chain.Graph(fast: true), threads, chunk, panel);
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
    public void BandsOfAnyHeightGiveTheSameBits([Values] bool fast, [Values(1, 3, 4)] int chunk, [Values(0, 7)] int panel)
    {
        using var chain = new Chain(PaddingMode.Replicate, (1, 16, 9, Activation.Relu), (16, 16, 3, Activation.Relu), (16, 1, 5, Activation.None));
        using var stream = new RowStream(chain.Graph(fast), 2, chunk, panel);
        foreach (var (height, width) in Pictures)
        {
            var picture = Randoms(height * width, seed: 13);
            var whole = new float[picture.Length];
            stream.Run(picture, height, width, whole);
            foreach (var band in new[] { 1, 3, 5, 8, 17 })
                Assert.That(InBands(stream, picture, height, width, band), Is.EqualTo(whole), $"{height}×{width} in bands of {band}");
        }
    }

    [Test]
    public void NoCutNeedsDeeperRings([Values(1, 3, 4)] int chunk)
    {
        using var chain = new Chain(PaddingMode.Zero, [.. new[] { 5, 3, 3, 5 }.Select(kernel => (3, 3, kernel, Activation.Relu))]);
        using var graph = chain.Graph();
        foreach (var height in new[] { 1, 6, 7, 30, 31 })
        foreach (var band in new[] { 1, 2, 5 })
        {
            RowSchedule whole = new(graph, height, chunk), cut = new(graph, height, chunk);
            foreach (var _ in whole.Play(height)) { }
            for (var end = band; ; end += band)
            {
                foreach (var _ in cut.Play(Math.Min(end, height))) { }
                if (end >= height) break;
            }
            Assert.That(cut.Depths, Is.EqualTo(whole.Depths), $"{height} rows in bands of {band}");
        }
    }

    [Test]
    public void SkipsWaitForTheirBranch([Values(PaddingMode.Replicate, PaddingMode.Zero)] PaddingMode mode, [Values(1, 4)] int chunk, [Values(0, 6)] int panel)
    {
        // picture + body, the body itself a convolution, a residual block of two, and a convolution of another reach.
        using var chain = new Chain(mode, [.. new[] { 5, 3, 3, 9 }.Select(kernel => (3, 3, kernel, Activation.Relu))]);
        var graph = new RowGraph(3);
        for (var i = 0; i < 4; i++)
        {
            graph.Add(chain.Op(i));
            if (i == 2) graph.Add(new AddRowOp(3), 1, graph.Last);
        }
        graph.Add(new AddRowOp(3), graph.Last, 0);
        using var stream = new RowStream(graph, 2, chunk, panel);
        foreach (var (height, width) in Pictures)
        {
            var picture = Randoms(height * width * 3, seed: 14);
            var first = chain.LayerByLayer(picture, height, width, 0, 1);
            var block = Sum(first, chain.LayerByLayer(first, height, width, 1, 2));
            var expected = Sum(picture, chain.LayerByLayer(block, height, width, 3, 1));
            foreach (var band in new[] { height, 1, 6 })
                Assert.That(InBands(stream, picture, height, width, band), Is.EqualTo(expected), $"{height}×{width} in bands of {band}");
        }
    }

    [Test]
    public void AnOpMayMakeSeveralRowsOfOne([Values(2, 3)] int scale, [Values] bool fast, [Values(1, 4)] int chunk, [Values(0, 6)] int panel)
    {
        // enlarge(picture) + convolution(enlarge(convolution(picture)))
        using var chain = new Chain(PaddingMode.Replicate, (1, 1, 3, Activation.None), (1, 16, 9, Activation.None), (16, 1, 5, Activation.None));
        var graph = new RowGraph(1);
        graph.Add(new Enlarge(scale));
        graph.Add(chain.Op(0, fast), 0);
        graph.Add(new Enlarge(scale));
        graph.Add(chain.Op(1, fast));
        graph.Add(chain.Op(2, fast));
        graph.Add(new AddRowOp(1), 1, graph.Last);
        using var stream = new RowStream(graph, 2, chunk, panel);
        foreach (var (height, width) in Pictures)
        {
            var picture = Randoms(height * width, seed: 15);
            var body = Enlarge.Whole(scale, chain.LayerByLayer(picture, height, width, 0, 1), height, width);
            using var tail = new RowStream(Tail(chain, fast), 1, height * scale, width * scale); // nothing leaves a ring
            var refined = new float[body.Length];
            tail.Run(body, height * scale, width * scale, refined);
            var expected = Sum(Enlarge.Whole(scale, picture, height, width), refined);
            foreach (var band in new[] { height, 1, 6 })
                Assert.That(InBands(stream, picture, height, width, band, scale), Is.EqualTo(expected), $"{height}×{width} in bands of {band}");
        }

        static RowGraph Tail(Chain chain, bool fast)
        {
            var graph = new RowGraph(1);
            graph.Add(chain.Op(1, fast));
            graph.Add(chain.Op(2, fast));
            return graph;
        }
    }

    [Test]
    public void MemoryDoesNotGrowWithTheHeight()
    {
        using var chain = new Chain(PaddingMode.Zero, [.. Enumerable.Repeat((3, 3, 3, Activation.Relu), 18)]);
        using var graph = chain.Graph();
        graph.Add(new AddRowOp(3), 0, graph.Last);
        Assert.That(Depths(10_000), Is.EqualTo(Depths(200)));
        // The skip waits for eighteen rows; a link of the chain for one on each side; both for a chunk.
        Assert.That(Depths(200), Is.EqualTo(Enumerable.Repeat(6, 17).Prepend(4 + 18).Append(4).Append(4)));

        IEnumerable<int> Depths(int height)
        {
            var schedule = new RowSchedule(graph, height, 4);
            foreach (var _ in schedule.Play(height)) { }
            return schedule.Depths;
        }
    }

    [Test]
    public void MapsOfDifferentSizesDoNotAdd()
    {
        using var graph = new RowGraph(1);
        graph.Add(new Enlarge(2));
        Assert.That(() => graph.Add(new AddRowOp(1), 0, 1), Throws.ArgumentException.With.Message.Contains("different sizes"));
    }

    [Test]
    public void NaNOfAnEarlierPictureDoesNotReachTheNext([Values] PaddingMode mode)
    {
        using var chain = new Chain(mode, (3, 1, 3, Activation.None));
        using var stream = new RowStream(chain.Graph(), 1);
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

    private static float[] InBands(RowStream stream, float[] picture, int height, int width, int band, int scale = 1)
    {
        var output = new float[picture.Length * scale * scale];
        var (row, finished) = (picture.Length / height, 0);
        stream.Start(height, width);
        for (var y = 0; y < height; y += band)
        {
            stream.Push(picture.AsMemory(y * row, Math.Min(band, height - y) * row), rows =>
            {
                var target = output.AsMemory(finished * row * scale, rows * row * scale);
                finished += rows;
                return target;
            });
        }
        Assert.That(finished, Is.EqualTo(height * scale));
        return output;
    }

    private static float[] Sum(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];

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

        public RowGraph Graph(bool fast = false)
        {
            var graph = new RowGraph(layers[0].Geometry.InChannels);
            for (var i = 0; i < layers.Count; i++) graph.Add(Op(i, fast));
            return graph;
        }

        public IRowOp Op(int layer, bool fast = false)
        {
            var (geometry, weight, bias, activation) = layers[layer];
            return fast ? Conv2dAlgorithms.RowOp(geometry, weight, bias, activation, Algorithm.Fast) : new DirectRowOp(geometry, weight, bias, activation);
        }

        public IReadOnlyList<Tensor> Weights => [.. layers.Select(l => l.Weight)];

        public float[] LayerByLayer(float[] picture, int height, int width) => LayerByLayer(picture, height, width, 0, layers.Count);

        public float[] LayerByLayer(float[] picture, int height, int width, int first, int count)
        {
            var values = picture;
            foreach (var (geometry, weight, bias, activation) in layers.Skip(first).Take(count))
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

    /// <summary>One channel; pixel (y, x) becomes scale² pixels, each another mixture of it with its left upper and its right lower neighbour.</summary>
    private sealed unsafe class Enlarge(int scale) : IRowOp
    {
        public int OutChannels => 1;

        public int Scale => scale;

        public int Above => 1;

        public int Below => 1;

        public int Left => 1;

        public int Right => 1;

        public PaddingMode Mode => PaddingMode.Replicate;

        public int RowStep => scale;

        public int ColumnStep => scale;

        public static float[] Whole(int scale, float[] picture, int height, int width)
        {
            var output = new float[picture.Length * scale * scale];
            for (var y = 0; y < height * scale; y++)
            for (var x = 0; x < width * scale; x++)
                output[(y * width * scale) + x] = Mix(scale, y, x, (dy, dx) => picture[(Math.Clamp((y / scale) + dy, 0, height - 1) * width) + Math.Clamp((x / scale) + dx, 0, width - 1)]);
            return output;
        }

        public void Prepare() { }

        public void Run(ReadOnlySpan<RowRing> inputs, RowRing output, int y0, int y1, int x0, int x1)
        {
            var input = inputs[0];
            for (var y = y0; y < y1; y++)
            for (var x = x0; x < x1; x++)
            {
                var (row, column) = (y / scale, x / scale);
                *output.At(y, x) = Mix(scale, y, x, (dy, dx) => *input.At(row + dy, column + dx));
            }
        }

        public void Dispose() { }

        private static float Mix(int scale, int y, int x, Func<int, int, float> neighbour) =>
            neighbour(0, 0) + (y % scale * neighbour(-1, -1)) - (x % scale * neighbour(1, 1));
    }
}
