using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>The reference's gradients against central differences, in double: the reference judges all others, so something must judge it.</summary>
public sealed class ReferenceGradientTests : IDisposable
{
    private static readonly Conv2dGeometry[] Geometries =
    [
        new(2, 3, 3, new(1, 0, 2, 1)),
        new(2, 3, 3, new(1, 2, 0, 1, PaddingMode.Replicate)),
        new(3, 2, 2, Padding.None, Stride: 2),
    ];

    private readonly ReferenceBackend backend = new();

    public void Dispose() => backend.Dispose();

    [TestCaseSource(nameof(Geometries))]
    public void Conv2d(Conv2dGeometry g)
    {
        // The loss is ½‖relu(conv(x))‖² behind a ReLU'd input x = relu(z), so its gradient in the convolution's sum is the output itself.
        var shape = new Shape(2, 5, 4, g.InChannels);
        using Tensor z = Uniform(shape, 1), x = backend.Allocate(shape), w = Uniform(g.Weight, 2), b = Uniform(g.Bias, 3);
        using Tensor y = backend.Allocate(g.Output(shape)), flipped = backend.Allocate(g.FlippedWeight);
        using Tensor dz = backend.Allocate(shape), dw = backend.Allocate(g.Weight), db = backend.Allocate(g.Bias);
        double Loss()
        {
            Span<double> from = ReferenceBackend.Elements(z), to = ReferenceBackend.Elements(x);
            for (var i = 0; i < from.Length; i++) to[i] = Math.Max(from[i], 0);
            backend.Conv2dForward(g, x, w, b, Activation.Relu, y);
            var sum = 0.0;
            foreach (var value in ReferenceBackend.Elements(y)) sum += 0.5 * value * value;
            return sum;
        }
        Loss();
        backend.Conv2dFlip(g, w, flipped);
        backend.Conv2dBackwardInput(g, y, flipped, x, dz);
        backend.Conv2dBackwardWeight(g, x, y, dw, db);
        Check(z, dz, Loss, "input");
        Check(w, dw, Loss, "weight");
        Check(b, db, Loss, "bias");
    }

    [TestCase(3)]
    [TestCase(1)]
    public void PRelu(int slopes)
    {
        // The loss is ½‖prelu(x)‖².
        var shape = new Shape(2, 3, 4, 3);
        using Tensor x = Uniform(shape, 1), a = Uniform(Shape.Vector(slopes), 2), y = backend.Allocate(shape);
        using Tensor dx = backend.Allocate(shape), da = backend.Allocate(a.Shape);
        double Loss()
        {
            backend.PReluForward(x, a, y);
            var sum = 0.0;
            foreach (var value in ReferenceBackend.Elements(y)) sum += 0.5 * value * value;
            return sum;
        }
        Loss();
        backend.PReluBackward(x, a, y, dx, da);
        Check(x, dx, Loss, "input");
        Check(a, da, Loss, "slope");
    }

    [Test]
    public void Mse()
    {
        var shape = new Shape(1, 3, 2, 2);
        using Tensor p = Uniform(shape, 1), t = Uniform(shape, 2), dp = backend.Allocate(shape), unused = backend.Allocate(shape);
        double Loss()
        {
            using var loss = backend.Allocate(Shape.Vector(1));
            backend.MseLoss(p, t, 20, unused, loss);
            return ReferenceBackend.Elements(loss)[0];
        }
        using (var loss = backend.Allocate(Shape.Vector(1))) backend.MseLoss(p, t, 20, dp, loss);
        Check(p, dp, Loss, "prediction");
    }

    private static void Check(Tensor tensor, Tensor analytic, Func<double> loss, string what)
    {
        const double H = 1e-5;
        var elements = ReferenceBackend.Elements(tensor);
        var numeric = new double[elements.Length];
        for (var i = 0; i < elements.Length; i++)
        {
            var value = elements[i];
            elements[i] = value + H;
            var up = loss();
            elements[i] = value - H;
            var down = loss();
            elements[i] = value;
            numeric[i] = (up - down) / (2 * H);
        }
        Compare.Close(ReferenceBackend.Elements(analytic), numeric, 1e-7, what);
    }

    private Tensor Uniform(Shape shape, int seed)
    {
        var tensor = backend.Allocate(shape);
        tensor.CopyFrom(Values.Uniform(shape.Length, seed));
        return tensor;
    }
}
