using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Every variant computes every case it suits, whichever the device at hand would choose.</summary>
[TestFixture("ilgpu-cpu")]
[TestFixture("opencl")]
[TestFixture("cuda")]
public sealed class Conv2dVariantTests(string name)
{
    // Odd sizes: no dimension is a multiple of a tile, a strip or a pass through shared memory. Small, since a group of the checking
    // device waits for its threads at every barrier.
    private static readonly object[] Cases =
    [
        Case(2, 5, 9, new(11, 37, 1)),
        Case(1, 6, 11, new(3, 33, 3, new(2, 0, 1, 3), Stride: 2)),
        Case(1, 5, 7, new(8, 1, 3)),
        Case(1, 5, 8, new(8, 3, 3)),
    ];

    private IlgpuBackend backend = null!;
    private ReferenceBackend reference = null!;

    [OneTimeSetUp]
    public void Open() => (backend, reference) = ((IlgpuBackend)Require.Backend(name), new ReferenceBackend());

    [OneTimeTearDown]
    public void Close()
    {
        backend?.Dispose();
        reference?.Dispose();
    }

    [TestCaseSource(nameof(Cases))]
    public void ForwardMatchesTheReference(Shape input, Conv2dGeometry g)
    {
        using var slope = new Slope(backend, reference, g.OutChannels);
        foreach (var plan in Conv2dPlan.All(new(g, weightGradient: false)))
        {
            Matches(plan, g.Terms + 1, [input, g.Weight, g.Bias, g.Output(input)], (b, t) => b.Conv2dForward(g, t[0], t[1], t[2], Activation.Relu, t[3]));
            Matches(plan, g.Terms + 1, [input, g.Weight, g.Bias, g.Output(input)], (b, t) => b.Conv2dForward(g, t[0], t[1], t[2], slope.Activation(b), t[3]));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void InputGradientMatchesTheReference(Shape input, Conv2dGeometry g)
    {
        var transposed = new Conv2dGeometry(g.OutChannels, g.InChannels, g.KernelSize);
        foreach (var plan in Conv2dPlan.All(new(transposed, weightGradient: false)))
        {
            Matches(plan, g.KernelSize * g.KernelSize * g.OutChannels, [g.Output(input), g.FlippedWeight, input, input],
                (b, t) => b.Conv2dBackwardInput(g, t[0], t[1], t[2], t[3]));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void WeightGradientMatchesTheReference(Shape input, Conv2dGeometry g)
    {
        var output = g.Output(input);
        foreach (var plan in Conv2dPlan.All(new(g, weightGradient: true)))
        {
            Matches(plan, output.N * output.H * output.W + 1, [input, output, g.Weight, g.Bias],
                (b, t) => b.Conv2dBackwardWeight(g, t[0], t[1], t[2], t[3]));
        }
    }

    private void Matches(Conv2dPlan plan, int terms, Shape[] shapes, Action<IBackend, Tensor[]> op)
    {
        backend.Plan = _ => plan;
        float[][] actual = Run(backend, shapes, op), expected = Run(reference, shapes, op);
        for (var i = 0; i < shapes.Length; i++) Compare.Close(actual[i], expected[i], terms, $"{plan}: tensor {i} of {shapes[i]}");
    }

    private static float[][] Run(IBackend backend, Shape[] shapes, Action<IBackend, Tensor[]> op)
    {
        Tensor[] tensors = [.. shapes.Select(backend.Allocate)];
        try
        {
            for (var i = 0; i < shapes.Length; i++) tensors[i].CopyFrom(Values.Uniform(shapes[i].Length, seed: i + 1));
            op(backend, tensors);
            return [.. tensors.Select(tensor => tensor.ToArray())];
        }
        finally
        {
            foreach (var tensor in tensors) tensor.Dispose();
        }
    }

    private static object[] Case(int n, int height, int width, Conv2dGeometry g) => [new Shape(n, height, width, g.InChannels), g];

    /// <summary>The same slopes on two backends.</summary>
    private sealed class Slope : IDisposable
    {
        private readonly Dictionary<IBackend, Tensor> slopes = [];

        public Slope(IBackend first, IBackend second, int channels)
        {
            foreach (var backend in new[] { first, second })
            {
                slopes[backend] = backend.Allocate(Shape.Vector(channels));
                slopes[backend].CopyFrom(Values.Uniform(channels, seed: 9));
            }
        }

        public Activation Activation(IBackend backend) => Srcnn.Kernels.Activation.PRelu(slopes[backend]);

        public void Dispose()
        {
            foreach (var tensor in slopes.Values) tensor.Dispose();
        }
    }
}
