using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Graphs;

/// <summary>The layer computes a transposed convolution by its phases; here it meets the formula.</summary>
public sealed class ConvTranspose2dTests(string backend) : BackendTests(backend)
{
    private static readonly object[] Cases =
    [
        Case(new(56, 1, 9, 3, 3, PaddingMode.Replicate)),          // FSRCNN ×3
        Case(new(6, 1, 9, 3, 4, PaddingMode.Replicate)),           // the same, a pixel later
        Case(new(5, 1, 9, 2, 4, PaddingMode.Replicate)),
        Case(new(5, 3, 9, 4, 4, PaddingMode.Replicate)),
        Case(new(3, 2, 4, 2, 1)),
        Case(new(2, 3, 3, 1, 1)),                                  // no enlargement: a convolution with flipped taps
        Case(new(2, 1, 2, 3, 0)),                                  // a kernel smaller than the factor: outputs without a tap
        Case(new(2, 2, 5, 3, 0)),
        Case(new(2, 2, 5, 3, 4)),
        Case(new(4, 1, 9, 3, 3), padded: false),
    ];

    [TestCaseSource(nameof(Cases))]
    public void ForwardIsTheFormula(ConvTranspose2dGeometry g, bool padded)
    {
        using var run = new Run(Backend, g, padded);
        var radius = padded ? 0 : g.Radius;
        var expected = Formula(g, run.Input.ToArray(), run.Input.Shape, run.Weight.ToArray(), run.Bias.ToArray(), radius);
        Compare.Close(run.Output, expected, g.InChannels * g.KernelSize * g.KernelSize + 1, "output");
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardIsTheAdjointOfForward(ConvTranspose2dGeometry g, bool padded)
    {
        // Linear in the input and, but for the bias, in the weights: ⟨y − b, dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩.
        using var run = new Run(Backend, g, padded);
        var bias = run.Bias.ToArray();
        var linear = run.Output.Select((y, i) => y - bias[i % g.OutChannels]).ToArray();
        var expected = Dot(linear, run.OutputGrad.ToArray());
        var allowed = 2e-6 * Math.Sqrt(Dot(linear, linear) * Dot(run.OutputGrad.ToArray(), run.OutputGrad.ToArray()));
        Assert.Multiple(() =>
        {
            Assert.That(Dot(run.Input.ToArray(), run.InputGrad.ToArray()), Is.EqualTo(expected).Within(allowed), "input");
            Assert.That(Dot(run.Weight.ToArray(), run.WeightGrad), Is.EqualTo(expected).Within(allowed), "weight");
            for (var k = 0; k < g.OutChannels; k++)
            {
                var sum = run.OutputGrad.ToArray().Where((_, i) => i % g.OutChannels == k).Sum(v => (double)v);
                Assert.That(run.BiasGrad[k], Is.EqualTo(sum).Within(1e-4), $"bias {k}");
            }
        });
    }

    private static float[] Formula(ConvTranspose2dGeometry g, float[] x, Shape shape, float[] w, float[] b, int radius)
    {
        // Every input pixel, those outside included, sends its value times the kernel to the output.
        int reach = g.Radius + g.KernelSize, height = (shape.H - (2 * radius)) * g.Stride, width = (shape.W - (2 * radius)) * g.Stride;
        var y = new double[height * width * g.OutChannels];
        for (var i = 0; i < y.Length; i++) y[i] = b[i % g.OutChannels];
        for (var iy = -reach; iy < shape.H + reach; iy++)
        for (var ix = -reach; ix < shape.W + reach; ix++)
        {
            if (g.Border == PaddingMode.Zero && !shape.Contains(iy, ix)) continue;
            var pixel = ((Math.Clamp(iy, 0, shape.H - 1) * shape.W) + Math.Clamp(ix, 0, shape.W - 1)) * g.InChannels;
            for (var r = 0; r < g.KernelSize; r++)
            for (var s = 0; s < g.KernelSize; s++)
            {
                int oy = ((iy - radius) * g.Stride) + r - g.Offset, ox = ((ix - radius) * g.Stride) + s - g.Offset;
                if ((uint)oy >= (uint)height || (uint)ox >= (uint)width) continue;
                for (var c = 0; c < g.InChannels; c++)
                for (var k = 0; k < g.OutChannels; k++)
                    y[(((oy * width) + ox) * g.OutChannels) + k] += (double)w[(((((r * g.KernelSize) + s) * g.InChannels) + c) * g.OutChannels) + k] * x[pixel + c];
            }
        }
        return Array.ConvertAll(y, v => (float)v);
    }

    private static object[] Case(ConvTranspose2dGeometry g, bool padded = true) => [g, padded];

    private static double Dot(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();

    /// <summary>One forward and backward pass over an odd-sized picture.</summary>
    private sealed class Run : IDisposable
    {
        private readonly ParameterStore parameters;
        private readonly Workspace workspace;

        public Run(IBackend backend, ConvTranspose2dGeometry g, bool padded)
        {
            var graph = new Graph(Map.Picture(g.InChannels).Then(new ConvTranspose2d("deconv", g, Initializers.Zero)), training: true);
            parameters = new ParameterStore(backend, graph.Parameters);
            parameters.Values.CopyFrom(Values.Uniform(parameters.Values.Shape.Length, 1));
            workspace = new Workspace(graph, parameters) { Edges = padded ? Edges.All : Edges.None, Grads = backend.Allocate(parameters.Values.Shape) };
            Input = backend.Allocate(new Shape(1, 5, 7, g.InChannels));
            Input.CopyFrom(Values.Uniform(Input.Shape.Length, 2));
            graph.Prepare(parameters);
            var made = workspace.Forward(Input);
            Output = made.ToArray();
            OutputGrad = backend.Allocate(made.Shape);
            OutputGrad.CopyFrom(Values.Uniform(Output.Length, 3));
            InputGrad = workspace.Backward(OutputGrad, wantsPicture: true)!;
        }

        public Tensor Input { get; }

        public float[] Output { get; }

        public Tensor OutputGrad { get; }

        public Tensor InputGrad { get; }

        public Tensor Weight => parameters.Value(parameters.Parameters[0]);

        public Tensor Bias => parameters.Value(parameters.Parameters[1]);

        public float[] WeightGrad => workspace.Grad(parameters.Parameters[0]).ToArray();

        public float[] BiasGrad => workspace.Grad(parameters.Parameters[1]).ToArray();

        public void Dispose()
        {
            workspace.Grads!.Dispose();
            workspace.Dispose();
            parameters.Dispose();
            Input.Dispose();
            OutputGrad.Dispose();
        }
    }
}
