using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Pictures that stream as planes: the sums as they are written and Winograd's, against the reference and against themselves.</summary>
public sealed class PlanesTests
{
    private static readonly (int Height, int Width)[] Pictures = [(1, 1), (1, 9), (7, 2), (9, 110), (13, 47)];

    private static readonly Conv2dGeometry[] Geometries =
    [
        new(1, 56, 5, Padding.Same(5, PaddingMode.Replicate)),
        new(56, 12, 1, Padding.Same(1, PaddingMode.Zero)),
        new(12, 12, 3, Padding.Same(3, PaddingMode.Replicate)),
        new(12, 12, 3, Padding.Same(3, PaddingMode.Zero)),
        new(20, 9, 3, Padding.Same(3, PaddingMode.Replicate)),
        new(3, 5, 9, Padding.Same(9, PaddingMode.Zero)),
        new(10, 3, 5, Padding.Same(5, PaddingMode.Replicate)),
        new(7, 1, 5, Padding.Same(5, PaddingMode.Zero)),
    ];

    [Test]
    public void EveryLayerMatchesTheReference([ValueSource(nameof(Geometries))] Conv2dGeometry geometry, [Values("none", "relu", "prelu", "shared")] string activation, [Values] bool fast)
    {
        using var layer = new Layer(geometry, activation);
        foreach (var (height, width) in Pictures)
        {
            var picture = layer.Picture(height, width);
            var expected = layer.Reference(picture, height, width);
            var actual = layer.Stream(fast, picture, height, width);
            var limit = Growth(geometry, fast) * 1.2e-7 * Math.Sqrt(geometry.Terms) * expected.Max(Math.Abs);
            for (var i = 0; i < actual.Length; i++)
                if (!(Math.Abs(actual[i] - expected[i]) <= limit)) Assert.Fail($"{height}×{width}, element {i}: {actual[i]:R}, reference {expected[i]:R}, allowed {limit:E1}");
        }
    }

    [TestCaseSource(nameof(Geometries))]
    public void WinogradIsTakenWhereThereIsAForm(Conv2dGeometry geometry)
    {
        using var layer = new Layer(geometry, "none");
        using IRowOp fast = layer.Op(Algorithm.Fast), direct = layer.Op(Algorithm.Direct);
        Assert.That(fast, geometry.KernelSize is 3 or 5 ? Is.Not.TypeOf<PlanesRowOp>() : Is.TypeOf<PlanesRowOp>());
        Assert.That(direct, Is.TypeOf<PlanesRowOp>());
    }

    [Test]
    public void PanelsChunksThreadsAndBandsChangeNoBit([Values(PaddingMode.Replicate, PaddingMode.Zero)] PaddingMode mode, [Values] bool fast)
    {
        // FSRCNN in small, with a skip around its middle and three colours.
        using Layer features = new(Same(3, 14, 5), "prelu", 1), shrink = new(Same(14, 6, 1), "shared", 2), map = new(Same(6, 6, 3), "relu", 3), phases = new(Same(6, 12, 3), "none", 4);
        foreach (var (height, width) in Pictures)
        {
            var picture = features.Picture(height, width);
            var whole = Stream(height, width, 1, height);
            foreach (var (chunk, panel, threads, band) in new[] { (1, 5, 2, height), (2, 1000, 1, 3), (3, 9, 1, 5), (4, 0, 2, 1), (5, 17, 3, height) })
                Assert.That(Stream(chunk, panel, threads, band), Is.EqualTo(whole), $"{height}×{width} by chunks of {chunk}, panels of {panel}, bands of {band}");

            float[] Stream(int chunk, int panel, int threads, int band)
            {
                var algorithm = fast ? Algorithm.Fast : Algorithm.Direct;
                var graph = new RowGraph(3, RowLayout.Planes);
                foreach (var layer in new[] { features, shrink, map, map }) graph.Add(layer.Op(algorithm));
                graph.Add(new AddRowOp(6), graph.Last, 2);
                graph.Add(phases.Op(algorithm));
                graph.Add(new DepthToSpaceRowOp(2, 3));
                using var stream = new RowStream(graph, threads, chunk, panel);
                return InBands(stream, picture, height, width, band);
            }
        }

        Conv2dGeometry Same(int from, int to, int kernel) => new(from, to, kernel, Padding.Same(kernel, mode));
    }

    [Test]
    public void DepthToSpaceStreamsInBothLayouts([Values(1, 2, 3)] int block, [Values(1, 3)] int channels, [Values] bool planes)
    {
        const int Height = 5, Width = 37;
        using var host = new HostBackend(1);
        using Tensor deep = host.Allocate(new Shape(1, Height, Width, block * block * channels)), wide = host.Allocate(new Shape(1, Height * block, Width * block, channels));
        deep.CopyFrom(Values.Uniform(deep.Shape.Length, 1));
        host.DepthToSpace(block, deep, wide);
        var graph = new RowGraph(deep.Shape.C, planes ? RowLayout.Planes : RowLayout.Pixels);
        graph.Add(new DepthToSpaceRowOp(block, channels));
        using var stream = new RowStream(graph, 2, chunk: 2, panel: 7);
        var output = new float[wide.Shape.Length];
        stream.Run(deep.ToArray(), Height, Width, output);
        Assert.That(output, Is.EqualTo(wide.ToArray()));
    }

    [Test]
    public void APictureOfNaNLeavesNoTraceInTheNext()
    {
        using var layer = new Layer(new(3, 5, 3, Padding.Same(3, PaddingMode.Replicate)), "none");
        var graph = new RowGraph(3, RowLayout.Planes);
        graph.Add(layer.Op(Algorithm.Fast));
        using var stream = new RowStream(graph, 1);
        float[] picture = layer.Picture(7, 5), broken = new float[picture.Length], output = new float[7 * 5 * 5];
        Array.Fill(broken, float.NaN);
        stream.Run(broken, 7, 5, output);
        stream.Run(picture, 7, 5, output);
        Assert.That(output, Is.EqualTo(layer.Stream(true, picture, 7, 5)));
    }

    /// <summary>Only columns are transformed, so rounding grows once where F(4×4, r×r) lets it grow twice (docs/numerics.md).</summary>
    private static int Growth(in Conv2dGeometry g, bool fast) => !fast ? 8 : g.KernelSize switch { 3 => 12, 5 => 24, _ => 8 };

    private static float[] InBands(RowStream stream, float[] picture, int height, int width, int band)
    {
        var output = new float[picture.Length * stream.Scale * stream.Scale];
        var (row, finished) = (picture.Length / height, 0);
        stream.Start(height, width);
        for (var y = 0; y < height; y += band)
        {
            stream.Push(picture.AsMemory(y * row, Math.Min(band, height - y) * row), rows =>
            {
                var target = output.AsMemory(finished * row * stream.Scale, rows * row * stream.Scale);
                finished += rows;
                return target;
            });
        }
        Assert.That(finished, Is.EqualTo(height * stream.Scale));
        return output;
    }

    private sealed class Layer : IDisposable
    {
        private readonly HostBackend host = new(1);
        private readonly Conv2dGeometry geometry;
        private readonly string activation;
        private readonly Tensor weight, bias, slope;

        public Layer(Conv2dGeometry geometry, string activation, int seed = 0)
        {
            (this.geometry, this.activation) = (geometry, activation);
            weight = Filled(host, geometry.Weight, seed + 1);
            bias = Filled(host, geometry.Bias, seed + 2);
            slope = Filled(host, Shape.Vector(activation == "shared" ? 1 : geometry.OutChannels), seed + 3);
        }

        public IRowOp Op(Algorithm algorithm) => Conv2dAlgorithms.RowOp(geometry, weight, bias, Activation(slope), algorithm, RowLayout.Planes);

        public float[] Picture(int height, int width) => Values.Uniform(height * width * geometry.InChannels, 9);

        public float[] Stream(bool fast, float[] picture, int height, int width)
        {
            var graph = new RowGraph(geometry.InChannels, RowLayout.Planes);
            graph.Add(Op(fast ? Algorithm.Fast : Algorithm.Direct));
            using var stream = new RowStream(graph, 2);
            var output = new float[height * width * geometry.OutChannels];
            stream.Run(picture, height, width, output);
            return output;
        }

        public double[] Reference(float[] picture, int height, int width)
        {
            using var reference = new ReferenceBackend();
            using var input = reference.Allocate(new Shape(1, height, width, geometry.InChannels));
            input.CopyFrom(picture);
            using Tensor w = Copied(weight), b = Copied(bias), s = Copied(slope), output = reference.Allocate(geometry.Output(input.Shape));
            reference.Conv2dForward(geometry, input, w, b, Activation(s), output);
            return ReferenceBackend.Elements(output).ToArray();

            Tensor Copied(Tensor tensor)
            {
                var copy = reference.Allocate(tensor.Shape);
                copy.CopyFrom(tensor.ToArray());
                return copy;
            }
        }

        public void Dispose()
        {
            foreach (var tensor in new[] { weight, bias, slope }) tensor.Dispose();
            host.Dispose();
        }

        private Activation Activation(Tensor slopes) => activation switch
        {
            "none" => Srcnn.Kernels.Activation.None,
            "relu" => Srcnn.Kernels.Activation.Relu,
            _ => Srcnn.Kernels.Activation.PRelu(slopes),
        };

        private static Tensor Filled(HostBackend host, Shape shape, int seed)
        {
            var tensor = host.Allocate(shape);
            tensor.CopyFrom(Values.Uniform(shape.Length, seed));
            return tensor;
        }
    }
}
