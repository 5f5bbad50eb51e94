using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Interpolation against its definition; half a pixel's centres kept.</summary>
public sealed class ResizeTests(string backend) : BackendTests(backend)
{
    [Test]
    public void ARowByHand()
    {
        // As PyTorch's interpolate, align_corners off: centres of output pixels lie at ¼ and ¾ of an input pixel.
        Assert.That(Enlarged([0, 4, 8], new Shape(1, 1, 3, 1), 2, ResizeMode.Bilinear).Take(6), Is.EqualTo(new float[] { 0, 1, 3, 5, 7, 8 }).Within(1e-5));
        Assert.That(Enlarged([0, 3, 6], new Shape(1, 1, 3, 1), 3, ResizeMode.Bilinear).Take(9), Is.EqualTo(new float[] { 0, 0, 1, 2, 3, 4, 5, 6, 6 }).Within(1e-5));
        Assert.That(Enlarged([1, 2], new Shape(1, 1, 2, 1), 3, ResizeMode.Nearest).Take(6), Is.EqualTo(new float[] { 1, 1, 1, 2, 2, 2 }));
    }

    [Test]
    public void APictureByTheFormula([Values] ResizeMode mode, [Values(2, 3, 4)] int scale)
    {
        var shape = new Shape(2, 4, 3, 3);
        var x = Values.Uniform(shape.Length, 1);
        var y = Enlarged(x, shape, scale, mode);
        var at = 0;
        for (var n = 0; n < shape.N; n++)
        for (var row = 0; row < shape.H * scale; row++)
        for (var column = 0; column < shape.W * scale; column++)
        for (var c = 0; c < shape.C; c++)
        {
            var (dn, cn, channel) = (row, column, c);
            var sample = n;
            Assert.That(y[at++], Is.EqualTo(mode == ResizeMode.Nearest ? Pixel(dn / scale, cn / scale) : Between(Centre(dn), Centre(cn))).Within(1e-5));

            double Pixel(int r, int s) => x[(((((sample * shape.H) + Math.Clamp(r, 0, shape.H - 1)) * shape.W) + Math.Clamp(s, 0, shape.W - 1)) * shape.C) + channel];

            double Between(double r, double s)
            {
                int top = (int)Math.Floor(r), left = (int)Math.Floor(s);
                var (down, across) = (r - top, s - left);
                return ((1 - down) * (((1 - across) * Pixel(top, left)) + (across * Pixel(top, left + 1)))) + (down * (((1 - across) * Pixel(top + 1, left)) + (across * Pixel(top + 1, left + 1))));
            }
        }

        double Centre(int output) => ((output + 0.5) / scale) - 0.5;
    }

    private float[] Enlarged(float[] values, Shape shape, int scale, ResizeMode mode)
    {
        var graph = new Graph(Map.Picture(shape.C).Resize(scale, mode), training: false);
        using var parameters = new ParameterStore(Backend, graph.Parameters);
        using var workspace = new Workspace(graph, parameters);
        using var input = Backend.Allocate(shape);
        input.CopyFrom(values);
        graph.Prepare(parameters);
        return workspace.Forward(input).ToArray();
    }
}
