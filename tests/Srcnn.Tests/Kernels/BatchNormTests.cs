using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Batch normalisation against the reference and against what is known of it.</summary>
public sealed class BatchNormTests(string backend) : BackendTests(backend)
{
    private const float Epsilon = 1e-5f;

    private static readonly Shape[] Shapes = [new(1, 1, 9, 3), new(2, 5, 7, 16), new(1, 19, 31, 37), new(3, 4, 4, 64)];

    [TestCaseSource(nameof(Shapes))]
    public void EveryOpMatchesTheReference(Shape shape)
    {
        var (here, there) = (new Run(Backend, shape), new Run(Reference, shape));
        var pixels = shape.Length / shape.C;
        using (here)
        using (there)
        {
            Assert.Multiple(() =>
            {
                Compare.Close(here.Moments, there.Moments, pixels + 4, "moments");
                Compare.Close(here.Output, there.Output, pixels + 4, "output");
                Compare.Close(here.Sums, there.Sums, pixels + 4, "sums");
                Compare.Close(here.InputGrad, there.InputGrad, pixels + 8, "input gradient");
                Compare.Close(here.Running, there.Running, pixels + 4, "running statistics");
            });
        }
    }

    [Test]
    public void MomentsAreThoseOfTheDefinition()
    {
        using Tensor x = Backend.Allocate(new Shape(1, 1, 4, 2)), moments = Backend.Allocate(new Shape(1, 1, 3, 2));
        x.CopyFrom([1, 10, 2, 10, 3, 10, 6, 10]);
        Backend.ChannelMoments(x, moments);
        Assert.That(moments.ToArray(), Is.EqualTo(new float[] { 4, 4, 3, 10, 14, 0 }));
    }

    [Test]
    public void AFarMeanCostsNoDigits()
    {
        // In float the mean of squares less the square of the mean would be wrong in its first digit here.
        var shape = new Shape(1, 40, 25, 1);
        using Tensor x = Backend.Allocate(shape), moments = Backend.Allocate(new Shape(1, 1, 3, 1));
        x.CopyFrom([.. Enumerable.Range(0, 1000).Select(i => 1000f + (i % 2 == 0 ? 0.5f : -0.5f))]);
        Backend.ChannelMoments(x, moments);
        Assert.That(moments.ToArray()[2], Is.EqualTo(250).Within(0.1).Percent);
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public void MomentsOfPartsMergeIntoThoseOfTheWhole(int first)
    {
        const int all = 9, channels = 5;
        var values = Values.Uniform(all * channels, 1);
        using Tensor whole = Moments(values), left = Moments(values[..(first * channels)]), right = Moments(values[(first * channels)..]);
        Backend.MergeMoments(right, left);
        Compare.Close(left.ToArray(), whole.ToArray(), all, "moments");

        Tensor Moments(float[] part)
        {
            using var x = Backend.Allocate(new Shape(1, 1, part.Length / channels, channels));
            x.CopyFrom(part);
            var moments = Backend.Allocate(new Shape(1, 1, 3, channels));
            Backend.ChannelMoments(x, moments);
            return moments;
        }
    }

    [Test]
    public void TheOutputHasTheMeanAndDeviationItIsGiven()
    {
        var shape = new Shape(4, 9, 11, 3);
        using var run = new Run(Backend, shape, scale: 2, shift: -1);
        for (var c = 0; c < 3; c++)
        {
            var channel = run.Output.Where((_, i) => i % 3 == c).ToArray();
            var mean = channel.Average();
            Assert.That(mean, Is.EqualTo(-1).Within(1e-5));
            Assert.That(Math.Sqrt(channel.Average(v => Math.Pow(v - mean, 2))), Is.EqualTo(2).Within(1e-3));
        }
    }

    private sealed class Run : IDisposable
    {
        private readonly List<Tensor> tensors = [];

        public Run(IBackend backend, Shape shape, float? scale = null, float? shift = null)
        {
            Tensor New(Shape of, int seed, float? value = null)
            {
                var tensor = backend.Allocate(of);
                tensor.CopyFrom(value is { } v ? [.. Enumerable.Repeat(v, of.Length)] : Values.Uniform(of.Length, seed));
                tensors.Add(tensor);
                return tensor;
            }
            var vector = Shape.Vector(shape.C);
            Tensor x = New(shape, 1), g = New(vector, 2, scale), b = New(vector, 3, shift), dy = New(shape, 4), moments = New(new Shape(1, 1, 3, shape.C), 5);
            Tensor y = New(shape, 6), sums = New(new Shape(1, 1, 2, shape.C), 7), dx = New(shape, 8), mean = New(vector, 9), variance = New(vector, 10, 1);
            backend.ChannelMoments(x, moments);
            backend.BatchNormForward(x, moments, Epsilon, g, b, y);
            backend.BatchNormSums(x, moments, Epsilon, dy, sums);
            backend.BatchNormBackward(x, moments, Epsilon, g, sums, dy, dx);
            backend.TrackMoments(moments, 0.1f, mean, variance);
            (Moments, Output, Sums, InputGrad, Running) = (moments.ToArray(), y.ToArray(), sums.ToArray(), dx.ToArray(), [.. mean.ToArray(), .. variance.ToArray()]);
        }

        public float[] Moments { get; }

        public float[] Output { get; }

        public float[] Sums { get; }

        public float[] InputGrad { get; }

        public float[] Running { get; }

        public void Dispose()
        {
            foreach (var tensor in tensors) tensor.Dispose();
        }
    }
}
