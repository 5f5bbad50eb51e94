using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

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

    /// <summary>What Adam lacks and SOAP was made for: turning the coordinates of a mode turns the steps, and changes nothing else.</summary>
    [TestCase(6, 6)]
    [TestCase(5, 5, 5)]
    public void ItTakesTheSameStepsInTurnedCoordinates(params int[] extents)
    {
        // Of full rank along every mode from the first gradient on: where a covariance has no eigenvectors of its own any basis will do.
        const int Steps = 20;
        var (rows, length) = (extents[0], extents.Aggregate((a, b) => a * b));
        var orthogonal = Identity(rows);
        Eigenbasis.Refine(Covariance(rows, samples: 9), orthogonal, rows, sweeps: 8);
        var random = new Random(4);
        using var plain = new Run(extents);
        using var turned = new Run(extents);
        for (var step = 1; step <= Steps; step++)
        {
            var gradient = Enumerable.Range(0, length).Select(i => (float)(random.NextDouble() - 0.5 + (i % 7 == 0 ? 1 + (i / 7) : 0))).ToArray();
            var expected = Multiply(orthogonal, plain.Step(step, gradient), rows, rows, length / rows);
            var actual = turned.Step(step, Multiply(orthogonal, gradient, rows, rows, length / rows));
            for (var i = 0; i < expected.Length; i++) Assert.That(actual[i], Is.EqualTo(expected[i]).Within(2e-2), $"step {step}, element {i}");
        }
    }

    [Test]
    public unsafe void EveryModeHasItsOwnCovarianceOfTheFibresAlongIt()
    {
        int[] extents = [3, 4, 5];
        using var memory = new Scratch();
        var random = new Random(8);
        var gradient = Enumerable.Range(0, 60).Select(_ => random.NextSingle() - 0.5f).ToArray();
        for (var m = 0; m < 3; m++)
        {
            var inner = extents[(m + 1)..].Aggregate(1, (a, b) => a * b);
            using var mode = new SoapMode(60 / inner / extents[m], extents[m], inner);
            var native = memory.Rent(60);
            gradient.CopyTo(new Span<float>(native, 60));
            mode.Accumulate(native, decay: 0);
            mode.Accumulate(native, decay: 0.25f);
            for (var i = 0; i < extents[m]; i++)
            for (var j = 0; j < extents[m]; j++)
            {
                var expected = Enumerable.Range(0, 60).Where(e => e / inner % extents[m] == i).Sum(e => (double)gradient[e] * gradient[e + ((j - i) * inner)]);
                Assert.That(mode.Covariance[(i * extents[m]) + j], Is.EqualTo(expected).Within(1e-5), $"mode {m}, {i}, {j}");
            }
        }
    }

    [Test]
    public void ItsStepsAreAboutOneWhateverTheScaleOfTheGradient()
    {
        using var run = new Run(6, 4);
        var random = new Random(6);
        var direction = run.Step(1, Gradient());
        Assert.That(direction, Is.All.Zero, "the first step only looks");
        for (var step = 2; step < 40; step++) direction = run.Step(step, Gradient());
        // Pure noise: the first moment of 24 elements is 0.23 of the root of the second each.
        Assert.That(Math.Sqrt(direction.Sum(d => d * d) / 24), Is.InRange(0.1, 0.5));

        float[] Gradient() => [.. Enumerable.Range(0, 24).Select(_ => (random.NextSingle() - 0.5f) * 1e-3f)];
    }

    /// <summary>By rate·decay of itself a step, past the preconditioner: weights alone, and not what is frozen.</summary>
    [Test]
    public void DecayShrinksWeightsThatHaveNoGradient()
    {
        using var backend = new HostBackend(1);
        using var model = new Model(new CompactConfig(1, 2), 2, backend);
        model.Parameters.Initialize(1);
        using Tensor grads = backend.Allocate(model.Parameters.Values.Shape), m1 = backend.Allocate(grads.Shape), m2 = backend.Allocate(grads.Shape);
        var before = model.Save();
        float[] rates = [.. Enumerable.Repeat(1f, grads.Shape.Length)];
        rates.AsSpan(model.Parameters.Place(model.Parameters.Parameters.Single(p => p.Name == "deconv.weight"))).Clear();
        using var soap = new Soap(model.Parameters, rates, decay: 0.5f);
        soap.Step(new AdamStep(0.1f, 0.9f, 0.99f, 1e-8f, 1), grads, m1, m2);
        foreach (var (was, now) in before.Zip(model.Save()))
        {
            var kept = was.Name.EndsWith("weight", StringComparison.Ordinal) && was.Name != "deconv.weight" ? 0.95f : 1;
            for (var i = 0; i < was.Values.Length; i++) Assert.That(now.Values[i], Is.EqualTo(was.Values[i] * kept).Within(1e-6), was.Name);
        }
    }

    private sealed class Run(params int[] extents) : IDisposable
    {
        private readonly SoapTensor tensor = new(extents);
        private readonly float[] moment1 = new float[extents.Aggregate((a, b) => a * b)], moment2 = new float[extents.Aggregate((a, b) => a * b)];

        public float[] Step(int step, float[] gradient)
        {
            for (var i = 0; i < gradient.Length; i++) moment1[i] = (moment1[i] * 0.9f) + (gradient[i] * 0.1f);
            return tensor.Direction(step, gradient, moment1, moment2, 0.9f, 0.99f, refresh: true).ToArray();
        }

        public void Dispose() => tensor.Dispose();
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
