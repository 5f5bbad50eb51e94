using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Ops that see a tensor as a vector, against the reference, on lengths with and without a tail.</summary>
public sealed class SmallOpTests(string backend) : BackendTests(backend)
{
    private static readonly int[] Lengths = [1, 7, 64, 1023, 2500];

    [TestCaseSource(nameof(Lengths))]
    public void Fill(int n) => Matches(1, [Shape.Vector(n)], (b, t) => b.Fill(t[0], 1.5f));

    [TestCaseSource(nameof(Lengths))]
    public void Copy(int n) => Matches(1, [Shape.Vector(n), new(1, 1, n, 1)], (b, t) => b.Copy(t[0], t[1]));

    [TestCaseSource(nameof(Lengths))]
    public void Scale(int n) => Matches(1, [Shape.Vector(n)], (b, t) => b.Scale(t[0], -0.3f));

    [TestCaseSource(nameof(Lengths))]
    public void AddScaled(int n) => Matches(2, [Shape.Vector(n), Shape.Vector(n)], (b, t) => b.AddScaled(t[0], 0.7f, t[1]));

    [TestCaseSource(nameof(Lengths))]
    public void ClipValue(int n) => Matches(1, [Shape.Vector(n)], (b, t) => b.ClipValue(t[0], 0.4f));

    [TestCase(0.4f)] // far below the norm
    [TestCase(400f)] // above it
    public void ClipNorm(float limit)
    {
        foreach (var n in Lengths)
        {
            Matches(n, [Shape.Vector(n), Shape.Vector(1)], (b, t) =>
            {
                b.SquaredNorm(t[0], t[1]);
                b.ClipNorm(t[0], t[1], limit);
            });
        }
    }

    [Test]
    public void ClippingKeepsNaN()
    {
        using Tensor values = Backend.Allocate(Shape.Vector(3)), norm = Backend.Allocate(Shape.Vector(1));
        values.CopyFrom([float.NaN, 2, -2]);
        Backend.ClipValue(values, 1);
        Assert.That(values.ToArray(), Is.EqualTo(new[] { float.NaN, 1, -1 }));
        Backend.SquaredNorm(values, norm);
        Backend.ClipNorm(values, norm, 1);
        Assert.That(values.ToArray(), Is.All.NaN, "a broken gradient must not look like a short one");
    }

    [TestCase(0, 0, 5, 7)]
    [TestCase(2, 3, 5, 7)]
    [TestCase(1, 0, 4, 33)]
    public void AddTakesTheWindowOfTheSkip(int top, int left, int height, int width)
    {
        Shape window = new(2, height, width, 3), skip = new(2, height + top + 1, width + left + 2, 3);
        Matches(2, [window, skip, window], (b, t) => b.Add(t[0], t[1], top, left, t[2]));
    }

    [Test]
    public void AWindowThatLeavesTheSkipIsNamed()
    {
        using Tensor input = Backend.Allocate(new(1, 3, 3, 1)), skip = Backend.Allocate(new(1, 4, 4, 1)), output = Backend.Allocate(new(1, 3, 3, 1));
        var e = Assert.Throws<ShapeException>(() => Backend.Add(input, skip, 2, 0, output))!;
        Assert.That(e.Message, Does.Contain("1×3×3×1").And.Contain("1×4×4×1"));
    }

    [TestCase(2, 1)]
    [TestCase(3, 1)]
    [TestCase(2, 5)]
    public void DepthToSpaceAndBack(int block, int channels)
    {
        Shape deep = new(2, 3, 5, block * block * channels), wide = new(2, 3 * block, 5 * block, channels);
        Matches(1, [deep, wide], (b, t) => b.DepthToSpace(block, t[0], t[1]));
        Matches(1, [wide, deep], (b, t) => b.SpaceToDepth(block, t[0], t[1]));
        Matches(1, [deep, wide, deep], (b, t) =>
        {
            b.DepthToSpace(block, t[0], t[1]);
            b.SpaceToDepth(block, t[1], t[2]);
            Assert.That(t[2].ToArray(), Is.EqualTo(t[0].ToArray()));
        });
    }

    [Test]
    public void DepthToSpaceByHand()
    {
        using Tensor deep = Backend.Allocate(new(1, 1, 2, 4)), wide = Backend.Allocate(new(1, 2, 4, 1));
        deep.CopyFrom([1, 2, 3, 4, 5, 6, 7, 8]);
        Backend.DepthToSpace(2, deep, wide);
        Assert.That(wide.ToArray(), Is.EqualTo(new float[] { 1, 2, 5, 6, 3, 4, 7, 8 }));
    }

    [TestCaseSource(nameof(Lengths))]
    public void ReluBackward(int n)
    {
        var shape = Shape.Vector(n);
        var output = Values.Uniform(n, 1);
        output[n / 2] = 0; // the derivative at 0 is 0
        Matches(1, [shape, shape, shape], [output, Values.Uniform(n, 2), Values.Uniform(n, 3)], (b, t) => b.ReluBackward(t[0], t[1], t[2]));
    }

    [TestCaseSource(nameof(Lengths))]
    public void Sigmoid(int n)
    {
        var shape = Shape.Vector(n);
        var wide = Array.ConvertAll(Values.Uniform(n, 1), v => 20 * v);
        // The exponential doubles the relative error of its argument for every unit of it.
        Matches(40, [shape, shape], [wide, Values.Uniform(n, 2)], (b, t) => b.SigmoidForward(t[0], t[1]));
        Matches(3, [shape, shape, shape], (b, t) => b.SigmoidBackward(t[0], t[1], t[2]));
    }

    [TestCaseSource(nameof(Lengths))]
    public void MseLossOfAPart(int n)
    {
        var shape = Shape.Vector(n);
        Matches(n + 1, [shape, shape, shape, Shape.Vector(1)], (b, t) => b.MseLoss(t[0], t[1], 3L * n, t[2], t[3]));
    }

    [TestCaseSource(nameof(Lengths))]
    public void SquaredNorm(int n) => Matches(n, [Shape.Vector(n), Shape.Vector(1)], (b, t) => b.SquaredNorm(t[0], t[1]));

    [Test]
    public void SquaredNormOfManyBlocks() => Matches(70_001, [Shape.Vector(70_001), Shape.Vector(1)], (b, t) => b.SquaredNorm(t[0], t[1]));

    [TestCaseSource(nameof(Lengths))]
    public void SgdOverThreeSteps(int n)
    {
        var shape = Shape.Vector(n);
        Matches(12, [shape, shape, shape, shape], (b, t) =>
        {
            for (var step = 0; step < 3; step++) b.Sgd(new(0.1f, 0.9f, 0.01f), t[0], t[1], t[2], t[3]);
        });
    }

    [TestCaseSource(nameof(Lengths))]
    public void AdamOverThreeSteps(int n)
    {
        var shape = Shape.Vector(n);
        var moment2 = Values.Uniform(n, 5);
        for (var i = 0; i < n; i++) moment2[i] *= moment2[i]; // a mean of squares
        float[][] values = [Values.Uniform(n, 1), Values.Uniform(n, 2), Values.Uniform(n, 3), Values.Uniform(n, 4), moment2];
        // Each step divides by the root of a moment that may be near zero: its rounding counts, a few terms more.
        Matches(64, [shape, shape, shape, shape, shape], values, (b, t) =>
        {
            for (var step = 1; step <= 3; step++) b.Adam(new(0.01f, 0.9f, 0.999f, 1e-8f, step), t[0], t[1], t[2], t[3], t[4]);
        });
    }

    [Test]
    public void ZeroRatesFreeze()
    {
        using Tensor values = Backend.Allocate(Shape.Vector(9)), grads = Backend.Allocate(Shape.Vector(9)), rates = Backend.Allocate(Shape.Vector(9));
        using Tensor first = Backend.Allocate(Shape.Vector(9)), second = Backend.Allocate(Shape.Vector(9));
        Backend.Fill(values, 3);
        Backend.Fill(grads, 1);
        Backend.Adam(new(0.1f, 0.9f, 0.999f, 1e-8f, 1), values, grads, rates, first, second);
        Backend.Sgd(new(0.1f, 0.9f), values, grads, rates, first);
        Assert.That(values.ToArray(), Is.All.EqualTo(3f));
    }

    [Test]
    public void LengthsThatDifferAreNamed()
    {
        using Tensor three = Backend.Allocate(Shape.Vector(3)), four = Backend.Allocate(Shape.Vector(4));
        var e = Assert.Throws<ShapeException>(() => Backend.Copy(three, four))!;
        Assert.That(e.Message, Does.Contain("1×1×1×3").And.Contain("1×1×1×4"));
    }

    [Test]
    public void AWindowMayNotLeaveItsTensor()
    {
        using var tensor = Backend.Allocate(Shape.Vector(5));
        Assert.That(() => tensor.Slice(3, Shape.Vector(3)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
