using Srcnn.Engine.Training;

namespace Srcnn.Tests.Training;

public sealed class SoapTests
{
    [Test]
    public void RotationsFindTheEigenvectors()
    {
        const int N = 24;
        var covariance = Covariance(N, samples: 40);
        var basis = Identity(N);
        Eigenbasis.Refine(covariance, basis, N, sweeps: 12);
        var projected = Multiply(Transpose(basis, N, N), Multiply(covariance, basis, N, N, N), N, N, N);
        var trace = Enumerable.Range(0, N).Sum(i => covariance[(i * N) + i]);
        var overlaps = Multiply(Transpose(basis, N, N), basis, N, N, N);
        for (var i = 0; i < N; i++)
        for (var j = 0; j < N; j++)
        {
            Assert.That(overlaps[(i * N) + j], Is.EqualTo(i == j ? 1 : 0).Within(1e-5), "orthonormal");
            if (i != j) Assert.That(projected[(i * N) + j], Is.EqualTo(0).Within(1e-6 * trace), "diagonal");
        }
    }

    /// <summary>What Adam lacks and SOAP was made for: turning the coordinates turns the steps, and changes nothing else.</summary>
    [Test]
    public void ItTakesTheSameStepsInTurnedCoordinates()
    {
        // Square and of full rank from the first gradient on: where a covariance has no eigenvectors of its own any basis will do.
        const int Rows = 6, Columns = 6, Steps = 20;
        var turn = Covariance(Rows, samples: 9);
        var orthogonal = Identity(Rows);
        Eigenbasis.Refine(turn, orthogonal, Rows, sweeps: 8);
        var random = new Random(4);
        var plain = new Run(Rows, Columns);
        var turned = new Run(Rows, Columns);
        for (var step = 1; step <= Steps; step++)
        {
            var gradient = Enumerable.Range(0, Rows * Columns).Select(i => (float)(random.NextDouble() - 0.5 + (i % 7 == 0 ? 1 + (i / 7) : 0))).ToArray();
            var expected = Multiply(orthogonal, plain.Step(step, gradient), Rows, Rows, Columns);
            var actual = turned.Step(step, Multiply(orthogonal, gradient, Rows, Rows, Columns));
            for (var i = 0; i < expected.Length; i++) Assert.That(actual[i], Is.EqualTo(expected[i]).Within(2e-2), $"step {step}, element {i}");
        }
    }

    [Test]
    public void ItsStepsAreAboutOneWhateverTheScaleOfTheGradient()
    {
        var run = new Run(6, 4);
        var random = new Random(6);
        var direction = run.Step(1, Gradient());
        Assert.That(direction, Is.All.Zero, "the first step only looks");
        for (var step = 2; step < 40; step++) direction = run.Step(step, Gradient());
        // Pure noise: the first moment of 24 elements is 0.23 of the root of the second each.
        Assert.That(Math.Sqrt(direction.Sum(d => d * d) / 24), Is.InRange(0.1, 0.5));

        float[] Gradient() => [.. Enumerable.Range(0, 24).Select(_ => (random.NextSingle() - 0.5f) * 1e-3f)];
    }

    private sealed class Run(int rows, int columns)
    {
        private readonly SoapMatrix matrix = new(rows, columns);
        private readonly float[] moment1 = new float[rows * columns], moment2 = new float[rows * columns];

        public float[] Step(int step, float[] gradient)
        {
            for (var i = 0; i < gradient.Length; i++) moment1[i] = (moment1[i] * 0.9f) + (gradient[i] * 0.1f);
            return matrix.Direction(step, gradient, moment1, moment2, 0.9f, 0.99f, refresh: true).ToArray();
        }
    }

    private static float[] Covariance(int n, int samples)
    {
        var random = new Random(n);
        var rows = Enumerable.Range(0, samples * n).Select(i => (random.NextSingle() - 0.5f) * (1 + (i % n))).ToArray();
        return Multiply(Transpose(rows, samples, n), rows, n, samples, n);
    }

    private static float[] Identity(int n)
    {
        var identity = new float[n * n];
        for (var i = 0; i < n; i++) identity[(i * n) + i] = 1;
        return identity;
    }

    private static float[] Transpose(float[] a, int rows, int columns)
    {
        var t = new float[a.Length];
        for (var i = 0; i < rows; i++)
        for (var j = 0; j < columns; j++)
            t[(j * rows) + i] = a[(i * columns) + j];
        return t;
    }

    private static float[] Multiply(float[] a, float[] b, int rows, int inner, int columns)
    {
        var c = new float[rows * columns];
        for (var i = 0; i < rows; i++)
        for (var j = 0; j < columns; j++)
        {
            var sum = 0.0;
            for (var k = 0; k < inner; k++) sum += (double)a[(i * inner) + k] * b[(k * columns) + j];
            c[(i * columns) + j] = (float)sum;
        }
        return c;
    }
}
