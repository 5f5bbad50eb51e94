using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>The fast convolutions against the reference, and their independence of panels, chunks and threads.</summary>
public sealed class WinogradTests
{
    private static readonly Conv2dGeometry[] Geometries =
    [
        new(1, 64, 9, Padding.Same(9, PaddingMode.Replicate)),
        new(1, 16, 9, Padding.Same(9, PaddingMode.Zero)),
        new(64, 32, 5, Padding.Same(5, PaddingMode.Replicate)),
        new(16, 48, 5, Padding.Same(5, PaddingMode.Zero)),
        new(64, 64, 3, Padding.Same(3, PaddingMode.Zero)),
        new(32, 16, 3, Padding.Same(3, PaddingMode.Replicate)),
        new(32, 32, 3, Padding.Same(3, PaddingMode.Replicate)),
        new(16, 16, 3, Padding.Same(3, PaddingMode.Zero)),
        new(16, 9, 5, Padding.Same(5, PaddingMode.Replicate)), // the end of a network that enlarges three times; in colours:
        new(32, 27, 5, Padding.Same(5, PaddingMode.Zero)),
        new(16, 21, 3, Padding.Same(3, PaddingMode.Zero)),
        new(32, 1, 5, Padding.Same(5, PaddingMode.Replicate)),
        new(16, 1, 5, new Padding(1, 3, 3, 1)),
    ];

    private static readonly (int Height, int Width)[] Pictures = [(1, 1), (1, 9), (7, 2), (9, 110), (13, 150)];

    /// <summary>A layer with one filter and slopes, which no network has, is summed as it is written.</summary>
    [Test]
    public void EveryFormIsReallyTaken([ValueSource(nameof(Geometries))] Conv2dGeometry geometry, [Values] End end)
    {
        using var layer = new Layer(geometry, end);
        using var op = layer.Op(Algorithm.Fast);
        Assert.That(op is DirectRowOp, Is.EqualTo(geometry.OutChannels == 1 && end != End.Relu));
    }

    [TestCase(1, 64, 9, true)]
    [TestCase(64, 32, 5, true)]
    [TestCase(64, 64, 3, true)]
    [TestCase(64, 32, 1, false)]
    [TestCase(16, 9, 5, true, Description = "part of a vector")]
    [TestCase(32, 1, 5, true)]
    [TestCase(16, 1, 5, false, Description = "has a form that does not pay")]
    public void TheTableChooses(int channels, int filters, int kernel, bool isFast)
    {
        using var layer = new Layer(new(channels, filters, kernel, Padding.Same(kernel, PaddingMode.Zero)));
        using var op = layer.Op(Algorithm.Auto);
        Assert.That(op is not DirectRowOp, Is.EqualTo(isFast));
    }

    [TestCase(64, 64, 3, true)]
    [TestCase(64, 32, 5, true)]
    [TestCase(56, 12, 1, false)]
    public void TrainingChoosesByTheSameTable(int channels, int filters, int kernel, bool isFast) =>
        Assert.That(Conv2dAlgorithms.Sample(new(channels, filters, kernel, Padding.Same(kernel, PaddingMode.Zero)), new Shape(1, 24, 24, filters), Algorithm.Auto) is not null, Is.EqualTo(isFast));

    [Test]
    public void FastMatchesTheReference([ValueSource(nameof(Geometries))] Conv2dGeometry geometry, [Values] End end)
    {
        using var layer = new Layer(geometry, end);
        foreach (var (height, width) in Pictures)
        {
            var picture = layer.Picture(height, width);
            var expected = layer.Reference(picture, height, width);
            var actual = layer.Stream(Algorithm.Fast, picture, height, width);
            var limit = Growth(geometry) * 1.2e-7 * Math.Sqrt(geometry.Terms) * expected.Max(Math.Abs);
            for (var i = 0; i < actual.Length; i++)
                if (!(Math.Abs(actual[i] - expected[i]) <= limit)) Assert.Fail($"{height}×{width}, element {i}: {actual[i]:R}, reference {expected[i]:R}, allowed {limit:E1}");
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void PanelsChunksAndThreadsChangeNoBit(Conv2dGeometry geometry)
    {
        using var layer = new Layer(geometry);
        foreach (var (height, width) in Pictures)
        {
            var picture = layer.Picture(height, width);
            var expected = layer.Stream(Algorithm.Fast, picture, height, width);
            foreach (var (chunk, panel, threads) in new[] { (1, 3, 2), (4, 10, 1), (7, 100, 3), (64, 1, 2) })
                Assert.That(layer.Stream(Algorithm.Fast, picture, height, width, chunk, panel, threads), Is.EqualTo(expected), $"{height}×{width} by chunks of {chunk}, panels of {panel}");
        }
    }

    /// <summary>Two tiles by two vectors, four by one, and through memory: which is taken must change no bit.</summary>
    [Test]
    public unsafe void SumsInRegistersAreThoseInMemoryBitForBit([Values(1, 2, 5, 12)] int tiles, [Values(1, 3)] int rows)
    {
        if (Simd.Width != 16) Assert.Ignore("has too few registers");
        const int Points = 6, Terms = 7, Channels = 32, Outputs = 4;
        int room = tiles + WinogradSums<F43, Simd512>.TilesTogether, plane = room * Channels;
        float[] a = Values.Uniform(Points * rows * room * Terms, 1), b = Values.Uniform(Points * rows * Terms * Channels, 2), products = new float[Points * plane];
        float[] memory = new float[Outputs * plane], two = new float[Outputs * plane], four = new float[Outputs * plane];
        fixed (float* pa = a, pb = b, pc = products, toMemory = memory, toTwo = two, toFour = four)
        {
            float** at = stackalloc float*[Points * rows], bt = stackalloc float*[Points * rows];
            for (var i = 0; i < Points * rows; i++)
            {
                at[i] = pa + (i * room * Terms);
                bt[i] = pb + (i * Terms * Channels);
            }
            var sum = new TileSum
            {
                A = at, B = bt, Rows = rows, Terms = Terms, AStep = Terms, ATerm = 1, BTerm = Channels, C = pc, CStep = Channels,
                Repeats = Points, ARepeat = rows, BRepeat = rows, CRepeat = plane,
            };
            WinogradSums<F43, Simd512>.InMemory(sum, tiles, Channels, toMemory, plane);
            WinogradSums<F43, Simd512>.InRegisters<WinogradSums<F43, Simd512>.TwoTiles>(sum, tiles, Channels, toTwo, plane);
            WinogradSums<F43, Simd512>.InRegisters<WinogradSums<F43, Simd512>.FourTiles>(sum, tiles, Channels, toFour, plane);
        }
        Assert.Multiple(() =>
        {
            Assert.That(Real(two), Is.EqualTo(Real(memory)), "two tiles");
            Assert.That(Real(four), Is.EqualTo(Real(memory)), "four tiles");
        });

        float[] Real(float[] half) => [.. half.Where((_, i) => i % plane < tiles * Channels)];
    }

    private static readonly object[] Samples =
    [
        new object[] { new Shape(2, 25, 25, 64), new Conv2dGeometry(64, 32, 5) },
        new object[] { new Shape(1, 11, 30, 16), new Conv2dGeometry(16, 48, 5, new Padding(0, 3, 4, 1)) },
        new object[] { new Shape(1, 7, 6, 32), new Conv2dGeometry(32, 16, 5, Padding.Same(5, PaddingMode.Replicate)) },
        new object[] { new Shape(1, 41, 41, 64), new Conv2dGeometry(64, 64, 3, Padding.Same(3, PaddingMode.Zero)) },
        new object[] { new Shape(2, 9, 3, 16), new Conv2dGeometry(16, 32, 3) },
        new object[] { new Shape(1, 1, 1, 32), new Conv2dGeometry(32, 16, 3, Padding.Same(3, PaddingMode.Zero)) },
        new object[] { new Shape(2, 28, 26, 12), new Conv2dGeometry(12, 12, 3) },                                       // channels that fill no vector
        new object[] { new Shape(1, 20, 20, 56), new Conv2dGeometry(56, 9, 3, new Padding(1, 0, 0, 2)) },
        new object[] { new Shape(1, 12, 13, 11), new Conv2dGeometry(11, 21, 5, Padding.Same(5, PaddingMode.Replicate)) },
        new object[] { new Shape(2, 33, 33, 1), new Conv2dGeometry(1, 64, 9) },
        new object[] { new Shape(1, 61, 50, 1), new Conv2dGeometry(1, 16, 9, new Padding(0, 3, 8, 1)) },                  // several bands
        new object[] { new Shape(1, 3, 5, 1), new Conv2dGeometry(1, 32, 9, Padding.Same(9, PaddingMode.Replicate)) },
        new object[] { new Shape(2, 9, 9, 1), new Conv2dGeometry(1, 16, 9) },
    ];

    [TestCaseSource(nameof(Samples))]
    public void TheGradientsOfTrainingMatchTheReference(Shape input, Conv2dGeometry g)
    {
        using var fast = new HostBackend(1) { Algorithm = Algorithm.Fast };
        using var direct = new HostBackend(1) { Algorithm = Algorithm.Direct };
        using var reference = new ReferenceBackend();
        Assert.That(Conv2dAlgorithms.Sample(g, g.Output(input), Algorithm.Fast), Is.Not.Null);
        Assert.That(Conv2dAlgorithms.Sample(g, g.Output(input), Algorithm.Direct), Is.Null);
        float[][] expected = Passes(reference, input, g), actual = Passes(fast, input, g), plain = Passes(direct, input, g);
        var output = g.Output(input);
        int[] terms = [g.Terms, g.KernelSize * g.KernelSize * g.OutChannels, output.N * output.H * output.W, output.N * output.H * output.W];
        for (var pass = 0; pass < terms.Length; pass++)
        {
            var largest = expected[pass].Max(Math.Abs);
            var limit = TrainingGrowth * 1.2e-7 * Math.Sqrt(terms[pass]) * largest;
            var error = actual[pass].Zip(expected[pass], (a, e) => Math.Abs((double)a - e)).Max();
            TestContext.Out.WriteLine($"pass {pass}: {error / largest:E1} of the largest, allowed {limit / largest:E1}, direct {plain[pass].Zip(expected[pass], (a, e) => Math.Abs((double)a - e)).Max() / largest:E1}");
            Assert.That(error <= limit, $"pass {pass}: off by {error:E1}, allowed {limit:E1}"); // NaN fails
        }
    }

    /// <summary>What the transforms may add to the rounding of a sum: they sum numbers larger than the result (docs/numerics.md).</summary>
    private static int Growth(in Conv2dGeometry g) => g.KernelSize != 5 ? 20 : g.OutChannels == 1 ? 24 : 60;

    /// <summary>Training takes the forms with ±½ for 3×3 too.</summary>
    private const int TrainingGrowth = 60;

    /// <summary>Output, masked input gradient, weight gradient and bias gradient.</summary>
    private static float[][] Passes(IBackend backend, Shape input, Conv2dGeometry g)
    {
        var output = g.Output(input);
        using Tensor x = Tensor(input, 1), w = Tensor(g.Weight, 2), b = Tensor(g.Bias, 3), dy = Tensor(output, 4), dw = Tensor(g.Weight, 5), db = Tensor(g.Bias, 6);
        using Tensor y = backend.Allocate(output), dx = backend.Allocate(input), flipped = backend.Allocate(g.FlippedWeight);
        backend.Conv2dForward(g, x, w, b, Activation.Relu, y);
        backend.Conv2dFlip(g, w, flipped);
        backend.Conv2dBackwardInput(g, dy, flipped, x, dx);
        backend.Conv2dBackwardWeight(g, x, dy, dw, db);
        return [y.ToArray(), dx.ToArray(), dw.ToArray(), db.ToArray()];

        Tensor Tensor(Shape shape, int seed)
        {
            var tensor = backend.Allocate(shape);
            tensor.CopyFrom(Values.Uniform(shape.Length, seed));
            return tensor;
        }
    }

    /// <summary>What follows the sum: one slope per channel, one for all, or a ReLU.</summary>
    public enum End
    {
        Relu,
        Slopes,
        SharedSlope,
    }

    private sealed class Layer : IDisposable
    {
        private readonly HostBackend host = new(1);
        private readonly Conv2dGeometry geometry;
        private readonly Tensor weight, bias;
        private readonly Tensor? slope;

        public Layer(Conv2dGeometry geometry, End end = End.Relu)
            : this(geometry, Randoms(geometry.Weight.Length, 1), Randoms(geometry.OutChannels, 2), end)
        {
        }

        public Layer(Conv2dGeometry geometry, float[] weights, float[] biases, End end = End.Relu)
        {
            this.geometry = geometry;
            (weight, bias) = (host.Allocate(geometry.Weight), host.Allocate(geometry.Bias));
            weight.CopyFrom(weights);
            bias.CopyFrom(biases);
            if (end == End.Relu) return;
            slope = host.Allocate(end == End.Slopes ? geometry.Bias : Shape.Vector(1));
            slope.CopyFrom(Randoms(slope.Shape.Length, 4));
        }

        public IRowOp Op(Algorithm algorithm) => Conv2dAlgorithms.RowOp(geometry, weight, bias, slope is null ? Activation.Relu : Activation.PRelu(slope), algorithm);

        public float[] Picture(int height, int width) => Randoms(height * width * geometry.InChannels, 3);

        public float[] Stream(Algorithm algorithm, float[] picture, int height, int width, int chunk = 0, int panel = 0, int threads = 1)
        {
            var graph = new RowGraph(geometry.InChannels);
            graph.Add(Op(algorithm));
            using var stream = new RowStream(graph, threads, chunk, panel);
            var output = new float[height * width * geometry.OutChannels];
            stream.Run(picture, height, width, output);
            return output;
        }

        public double[] Reference(float[] picture, int height, int width)
        {
            using var reference = new ReferenceBackend();
            using var input = reference.Allocate(new Shape(1, height, width, geometry.InChannels));
            using var w = reference.Allocate(geometry.Weight);
            using var b = reference.Allocate(geometry.Bias);
            using var output = reference.Allocate(geometry.Output(input.Shape));
            input.CopyFrom(picture);
            w.CopyFrom(weight.ToArray());
            b.CopyFrom(bias.ToArray());
            using var slopes = slope is null ? null : reference.Allocate(slope.Shape);
            slopes?.CopyFrom(slope!.ToArray());
            reference.Conv2dForward(geometry, input, w, b, slopes is null ? Activation.Relu : Activation.PRelu(slopes), output);
            return ReferenceBackend.Elements(output).ToArray();
        }

        public void Dispose()
        {
            weight.Dispose();
            bias.Dispose();
            slope?.Dispose();
            host.Dispose();
        }

        private static float[] Randoms(int count, int seed)
        {
            var random = new Random(seed);
            return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.4f)];
        }
    }
}
