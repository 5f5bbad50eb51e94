using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

public sealed class Conv2dTests(string backend) : BackendTests(backend)
{
    private static readonly Padding Lopsided = new(2, 0, 1, 3);

    // Odd sizes on purpose: a multiple of a strip, block or group hides what happens at the ends.
    private static readonly object[] Cases =
    [
        Case(2, 13, 11, new(1, 64, 9)),                                                 // SRCNN: patch extraction
        Case(2, 5, 7, new(64, 32, 1)),                                                  // non-linear mapping
        Case(2, 9, 11, new(32, 1, 5)),                                                  // reconstruction
        Case(1, 9, 10, new(1, 64, 9, Padding.Same(9, PaddingMode.Replicate))),
        Case(1, 6, 5, new(64, 32, 5, Padding.Same(5, PaddingMode.Replicate))),
        Case(1, 7, 9, new(32, 1, 5, Padding.Same(5, PaddingMode.Replicate))),
        Case(1, 4, 3, new(32, 1, 5, Padding.Same(5, PaddingMode.Zero))), // fewer pixels than the host sums at once
        Case(1, 4, 11, new(32, 2, 5, Padding.Same(5, PaddingMode.Zero))),
        Case(1, 6, 7, new(1, 64, 3, Padding.Same(3, PaddingMode.Zero))),                // VDSR: ends
        Case(1, 6, 7, new(64, 1, 3, Padding.Same(3, PaddingMode.Zero))),
        Case(1, 5, 7, new(33, 33, 3, Padding.Same(3, PaddingMode.Zero))),
        Case(1, 6, 7, new(56, 12, 1)),                                                  // FSRCNN: shrink, map, expand
        Case(1, 7, 6, new(12, 12, 3, Padding.Same(3, PaddingMode.Zero))),
        Case(2, 3, 9, new(12, 56, 1)),
        Case(3, 7, 8, new(3, 5, 3, Lopsided)),
        Case(1, 7, 8, new(5, 3, 3, Lopsided with { Mode = PaddingMode.Replicate })),
        Case(1, 8, 9, new(4, 2, 2, new(0, 1, 0, 0))),                                   // even kernel
        Case(2, 11, 13, new(3, 8, 3, Padding.Same(3, PaddingMode.Zero), Stride: 2)),
        Case(1, 12, 16, new(9, 1, 5, new(1, 2, 3, 0, PaddingMode.Replicate), Stride: 2)), // a remainder that no output reads
        Case(2, 9, 12, new(2, 6, 5, Lopsided, Stride: 2)),                              // rows of zeros, of which a step passes two
        Case(1, 14, 17, new(2, 17, 3, Padding.None, Stride: 3)),
        Case(2, 7, 8, new(5, 6, 1, Padding.None, Stride: 2)),
        Case(2, 5, 6, new(4, 7, 1, new(2, 1, 0, 1))),                                   // more padding than kernel
        Case(1, 1, 1, new(3, 4, 3, Padding.Same(3, PaddingMode.Replicate))),            // one pixel
        Case(1, 1, 1, new(8, 1, 1)),
        Case(1, 2, 3, new(1, 5, 9, Padding.Same(9, PaddingMode.Zero))),                 // kernel larger than the picture
        Case(1, 2, 3, new(9, 2, 7, Padding.Same(7, PaddingMode.Replicate))),
        Case(1, 9, 12, new(11, 1, 3)),                                                  // one filter: channels that no lanes divide,
        Case(1, 5, 8, new(16, 1, 3)),                                                   // and that 16
        Case(1, 5, 9, new(8, 1, 3, Padding.None, Stride: 1)),                           // and 8 do
        Case(1, 4, 9, new(1, 1, 3)),
        Case(1, 4, 300, new(16, 16, 1)),                                                // rows that overflow a first-level cache:
        Case(1, 6, 301, new(24, 1, 3)),                                                 // weight gradients take them one at a time
    ];

    [TestCaseSource(nameof(Cases))]
    public void ForwardMatchesReference(Shape input, Conv2dGeometry g)
    {
        foreach (var activation in new[] { Activation.None, Activation.Relu })
        {
            Matches(g.Terms + 1, [input, g.Weight, g.Bias, g.Output(input)],
                (backend, t) => backend.Conv2dForward(g, t[0], t[1], t[2], activation, t[3]));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void ForwardWithPReluMatchesReference(Shape input, Conv2dGeometry g)
    {
        foreach (var slopes in new[] { g.Bias, Shape.Vector(1) })
        {
            Matches(g.Terms + 1, [input, g.Weight, g.Bias, slopes, g.Output(input)],
                (backend, t) => backend.Conv2dForward(g, t[0], t[1], t[2], Activation.PRelu(t[3]), t[4]));
        }
    }

    [Test]
    public void SlopesForOtherChannelsAreNamed()
    {
        var g = new Conv2dGeometry(1, 4, 1);
        using Tensor x = Backend.Allocate(new(1, 2, 2, 1)), w = Backend.Allocate(g.Weight), b = Backend.Allocate(g.Bias), slopes = Backend.Allocate(Shape.Vector(3)), y = Backend.Allocate(new(1, 2, 2, 4));
        var e = Assert.Throws<ShapeException>(() => Backend.Conv2dForward(g, x, w, b, Activation.PRelu(slopes), y))!;
        Assert.That(e.Message, Does.Contain("1×1×1×3").And.Contain("1×1×1×4"));
    }

    [TestCaseSource(nameof(Cases))]
    public void FlipMatchesReference(Shape input, Conv2dGeometry g) =>
        Matches(1, [g.Weight, g.FlippedWeight], (backend, t) => backend.Conv2dFlip(g, t[0], t[1]));

    [TestCaseSource(nameof(Cases))]
    public void BackwardInputMatchesReference(Shape input, Conv2dGeometry g)
    {
        // A corner of a replicated border gathers all that was copied from it.
        var terms = g.KernelSize * g.KernelSize * g.OutChannels
            * (g.Padding.Mode == PaddingMode.Replicate ? (1 + g.Padding.Top) * (1 + g.Padding.Left) : 1);
        Matches(terms, [g.Output(input), g.FlippedWeight, input, input],
            (backend, t) => backend.Conv2dBackwardInput(g, t[0], t[1], t[2], t[3]));
        Matches(terms, [g.Output(input), g.FlippedWeight, input],
            (backend, t) => backend.Conv2dBackwardInput(g, t[0], t[1], null, t[2]));
    }

    [TestCaseSource(nameof(Cases))]
    public void AMaskOfExactlyZeroStopsTheGradient(Shape input, Conv2dGeometry g)
    {
        var output = g.Output(input);
        using Tensor dy = Uniform(output, 1), flipped = Uniform(g.FlippedWeight, 2), mask = Backend.Allocate(input), dx = Uniform(input, 3);
        Backend.Conv2dBackwardInput(g, dy, flipped, mask, dx);
        Assert.That(dx.ToArray(), Is.All.Zero); // a ReLU's output is zero wherever it was shut
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardWeightAddsToTheGradients(Shape input, Conv2dGeometry g)
    {
        var output = g.Output(input);
        Matches(output.N * output.H * output.W + 1, [input, output, g.Weight, g.Bias],
            (backend, t) => backend.Conv2dBackwardWeight(g, t[0], t[1], t[2], t[3]));
    }

    [TestCaseSource(nameof(Cases))]
    public void BackwardIsTheAdjointOfForward(Shape input, Conv2dGeometry g)
    {
        // Linear in the input and in the weights: ⟨conv(x, w), dy⟩ = ⟨x, dx⟩ = ⟨w, dw⟩ up to rounding, with no step size to tune.
        using Tensor x = Uniform(input, 1), w = Uniform(g.Weight, 2), dy = Uniform(g.Output(input), 3);
        using Tensor zeros = Backend.Allocate(g.Bias), y = Backend.Allocate(dy.Shape), flipped = Backend.Allocate(g.FlippedWeight);
        using Tensor dx = Backend.Allocate(input), dw = Backend.Allocate(g.Weight), db = Backend.Allocate(g.Bias);
        Backend.Conv2dForward(g, x, w, zeros, Activation.None, y);
        Backend.Conv2dFlip(g, w, flipped);
        Backend.Conv2dBackwardInput(g, dy, flipped, null, dx);
        Backend.Conv2dBackwardWeight(g, x, dy, dw, db);
        var expected = Dot(y, dy);
        // The second part: terms of one element may cancel, their rounding does not.
        var rounding = 1e-6 * Math.Sqrt(Dot(y, y) * Dot(dy, dy)) + 1e-7 * Math.Sqrt(g.Terms * Dot(dy, dy));
        Assert.That(Math.Abs(Dot(x, dx) - expected) <= rounding, $"⟨x, dx⟩ = {Dot(x, dx):R}, ⟨y, dy⟩ = {expected:R}, allowed {rounding:E1}");
        Assert.That(Math.Abs(Dot(w, dw) - expected) <= rounding, $"⟨w, dw⟩ = {Dot(w, dw):R}, ⟨y, dy⟩ = {expected:R}, allowed {rounding:E1}");
    }

    [Test]
    public void RowsOfEveryWidthMatchTheReference([Values(16, 37, 64)] int filters)
    {
        // Every height that a register block may have, and every pair of heights.
        for (var width = 1; width <= 26; width++)
        {
            var g = new Conv2dGeometry(3, filters, 3, new Padding(1, 1, 1, 1));
            Matches(g.Terms + 1, [new(1, 2, width, 3), g.Weight, g.Bias, new(1, 2, width, filters)],
                (backend, t) => backend.Conv2dForward(g, t[0], t[1], t[2], Activation.Relu, t[3]));
        }
    }

    [Test]
    public void AHandComputedCase()
    {
        // 1 2 3      1 0           1+5+10  2+6+10
        // 4 5 6  ∗   0 1  + 10  =
        // 7 8 9                    4+8+10  5+9+10
        var g = new Conv2dGeometry(1, 1, 2);
        using Tensor x = Backend.Allocate(new(1, 3, 3, 1)), w = Backend.Allocate(g.Weight), b = Backend.Allocate(g.Bias), y = Backend.Allocate(new(1, 2, 2, 1));
        x.CopyFrom([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        w.CopyFrom([1, 0, 0, 1]);
        b.CopyFrom([10]);
        Backend.Conv2dForward(g, x, w, b, Activation.None, y);
        Assert.That(y.ToArray(), Is.EqualTo(new float[] { 16, 18, 22, 24 }));
    }

    [TestCase(1, 5, 7)]
    [TestCase(8, 1, 7)]
    [TestCase(3, 8, 3)]
    public void NaNPassesThroughRelu(int channels, int filters, int width)
    {
        var g = new Conv2dGeometry(channels, filters, 1);
        using Tensor x = Backend.Allocate(new(1, 1, width, channels)), w = Backend.Allocate(g.Weight), b = Backend.Allocate(g.Bias), y = Backend.Allocate(new(1, 1, width, filters));
        Backend.Fill(x, float.NaN);
        Backend.Conv2dForward(g, x, w, b, Activation.Relu, y);
        Assert.That(y.ToArray(), Is.All.NaN);
    }

    [Test]
    public void RepeatedGradientsHaveTheSameBits()
    {
        var g = new Conv2dGeometry(9, 12, 3, Padding.Same(3, PaddingMode.Zero));
        using Tensor x = Uniform(new(2, 7, 9, 9), 1), dy = Uniform(new(2, 7, 9, 12), 2);
        float[] Run()
        {
            using Tensor dw = Backend.Allocate(g.Weight), db = Backend.Allocate(g.Bias);
            Backend.Conv2dBackwardWeight(g, x, dy, dw, db);
            return [.. dw.ToArray(), .. db.ToArray()];
        }
        Assert.That(Run(), Is.EqualTo(Run()));
    }

    [Test]
    public void WrongShapesAreNamed()
    {
        var g = new Conv2dGeometry(3, 4, 3);
        using Tensor x = Backend.Allocate(new(1, 5, 5, 2)), w = Backend.Allocate(g.Weight), b = Backend.Allocate(g.Bias), y = Backend.Allocate(new(1, 3, 3, 4));
        var e = Assert.Throws<ShapeException>(() => Backend.Conv2dForward(g, x, w, b, Activation.None, y))!;
        Assert.That(e.Message, Does.Contain("1×5×5×2").And.Contain("3×3×3×4"));
    }

    [Test]
    public void FlipChecksItsShapes()
    {
        var g = new Conv2dGeometry(3, 4, 3);
        using Tensor weight = Backend.Allocate(g.Weight), small = Backend.Allocate(new(1, 1, 4, 3));
        var e = Assert.Throws<ShapeException>(() => Backend.Conv2dFlip(g, weight, small))!;
        Assert.That(e.Message, Does.Contain("1×1×4×3").And.Contain("3×3×4×3"));
    }

    [Test]
    public void NaNOfAnEarlierPictureDoesNotReachTheNext()
    {
        var g = new Conv2dGeometry(3, 1, 3, Padding.Same(3, PaddingMode.Zero));
        using Tensor broken = Backend.Allocate(new(1, 9, 9, 3)), unused = Backend.Allocate(new(1, 9, 9, 1));
        using Tensor x = Uniform(new(1, 4, 5, 3), 1), w = Uniform(g.Weight, 2), b = Backend.Allocate(g.Bias), y = Backend.Allocate(new(1, 4, 5, 1));
        Backend.Fill(broken, float.NaN);
        Backend.Conv2dForward(g, broken, w, b, Activation.None, unused);
        Backend.Conv2dForward(g, x, w, b, Activation.None, y);
        Assert.That(y.ToArray(), Is.All.Matches<float>(float.IsFinite));
    }

    private static object[] Case(int n, int height, int width, Conv2dGeometry g) => [new Shape(n, height, width, g.InChannels), g];

    private Tensor Uniform(Shape shape, int seed)
    {
        var tensor = Backend.Allocate(shape);
        tensor.CopyFrom(Values.Uniform(shape.Length, seed));
        return tensor;
    }

    private static double Dot(Tensor left, Tensor right) => left.ToArray().Zip(right.ToArray(), (a, b) => (double)a * b).Sum();
}
