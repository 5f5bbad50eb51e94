using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

public sealed class PReluTests(string backend) : BackendTests(backend)
{
    // Channels that vectors divide and do not divide, one slope each or one for all.
    private static readonly object[] Cases =
    [
        new object[] { new Shape(2, 5, 7, 56), 56 },
        new object[] { new Shape(2, 5, 7, 12), 12 },
        new object[] { new Shape(1, 9, 11, 5), 5 },
        new object[] { new Shape(1, 9, 11, 5), 1 },
        new object[] { new Shape(3, 4, 4, 1), 1 },
        new object[] { new Shape(1, 1, 1, 3), 3 },
    ];

    [TestCaseSource(nameof(Cases))]
    public void ForwardMatchesReference(Shape shape, int slopes) =>
        Matches(1, [shape, Shape.Vector(slopes), shape], (b, t) => b.PReluForward(t[0], t[1], t[2]));

    [TestCaseSource(nameof(Cases))]
    public void BackwardMatchesReferenceAndAddsToTheSlopes(Shape shape, int slopes) =>
        Matches(1 + (shape.Length / slopes), [shape, Shape.Vector(slopes), shape, shape, Shape.Vector(slopes)],
            (b, t) => b.PReluBackward(t[0], t[1], t[2], t[3], t[4]));

    [Test]
    public void NaNPassesThrough()
    {
        using Tensor x = Backend.Allocate(new(1, 1, 40, 3)), slope = Backend.Allocate(Shape.Vector(3)), y = Backend.Allocate(x.Shape);
        Backend.Fill(x, float.NaN);
        Backend.PReluForward(x, slope, y);
        Assert.That(y.ToArray(), Is.All.NaN);
    }
}
