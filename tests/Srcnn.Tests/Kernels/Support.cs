using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>Runs a fixture once per backend and holds an open one, and the reference to compare with.</summary>
[TestFixture("reference")]
[TestFixture("host")]
[TestFixture("ilgpu-cpu")]
[TestFixture("opencl")]
[TestFixture("cuda")]
public abstract class BackendTests(string name)
{
    /// <summary>What windows are surrounded with. Exact in float, and far from anything an op computes here.</summary>
    protected const float Sentinel = -12345.5f;

    protected IBackend Backend { get; private set; } = null!;

    protected IBackend Reference { get; } = new ReferenceBackend();

    [OneTimeSetUp]
    public void Open() => Backend = Require.Backend(name);

    [OneTimeTearDown]
    public void Close()
    {
        Backend?.Dispose();
        Reference.Dispose();
    }

    /// <summary>
    /// Runs an op on windows of larger tensors filled with a sentinel, on the backend and on the reference, on the same values. Compares
    /// every tensor afterwards and sees that nothing outside the windows has changed.
    /// </summary>
    /// <param name="terms">Number of terms summed, for the tolerance.</param>
    /// <param name="shapes">The tensors of the op.</param>
    /// <param name="op">Gets the backend and its tensors.</param>
    protected void Matches(int terms, Shape[] shapes, Action<IBackend, Tensor[]> op)
    {
        var values = shapes.Select((shape, i) => Values.Uniform(shape.Length, seed: 17 * i + 1)).ToArray();
        Matches(terms, shapes, values, op);
    }

    protected void Matches(int terms, Shape[] shapes, float[][] values, Action<IBackend, Tensor[]> op)
    {
        var expected = Run(Reference, shapes, values, op);
        var actual = Run(Backend, shapes, values, op);
        for (var i = 0; i < shapes.Length; i++) Compare.Close(actual[i], expected[i], terms, $"tensor {i} of {shapes[i]}");
    }

    private static float[][] Run(IBackend backend, Shape[] shapes, float[][] values, Action<IBackend, Tensor[]> op)
    {
        const int Margin = 37; // odd, so that no window is aligned
        var outer = shapes.Select(shape => backend.Allocate(Shape.Vector(shape.Length + 2 * Margin))).ToArray();
        try
        {
            var windows = new Tensor[shapes.Length];
            for (var i = 0; i < shapes.Length; i++)
            {
                var filled = new float[outer[i].Shape.Length];
                Array.Fill(filled, Sentinel);
                outer[i].CopyFrom(filled);
                windows[i] = outer[i].Slice(Margin, shapes[i]);
                windows[i].CopyFrom(values[i]);
            }
            op(backend, windows);
            foreach (var tensor in outer)
            {
                var all = tensor.ToArray();
                Assert.That(all[..Margin].Concat(all[^Margin..]), Is.All.EqualTo(Sentinel), "the op wrote outside its window");
            }
            return [.. windows.Select(window => window.ToArray())];
        }
        finally
        {
            foreach (var tensor in outer) tensor.Dispose();
        }
    }
}

internal static class Values
{
    /// <summary>Repeatable values in [−1, 1).</summary>
    public static float[] Uniform(int length, int seed)
    {
        var random = new Random(seed);
        var values = new float[length];
        for (var i = 0; i < length; i++) values[i] = random.NextSingle() * 2 - 1;
        return values;
    }
}

internal static class Compare
{
    private const double Epsilon = 1.1920929e-7; // distance from 1 to the next float32

    /// <summary>|actual − expected| ≤ 8·ε·√terms·max|expected|: rounding grows with the root of the number of terms summed.</summary>
    public static void Close(Tensor actual, Tensor expected, int terms)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Close(actual.ToArray(), expected.ToArray(), terms, actual.Shape.ToString());
    }

    public static void Close(ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, int terms, string what)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what);
        var largest = 0.0;
        foreach (var value in expected) largest = Math.Max(largest, Math.Abs((double)value));
        var limit = 8 * Epsilon * Math.Sqrt(terms) * largest;
        for (var i = 0; i < actual.Length; i++) Check(actual[i], expected[i], limit, i, what);
    }

    /// <summary>|actual − expected| ≤ tolerance·max|expected|, in double.</summary>
    public static void Close(ReadOnlySpan<double> actual, ReadOnlySpan<double> expected, double tolerance, string what)
    {
        Assert.That(actual.Length, Is.EqualTo(expected.Length), what);
        var largest = 0.0;
        foreach (var value in expected) largest = Math.Max(largest, Math.Abs(value));
        for (var i = 0; i < actual.Length; i++) Check(actual[i], expected[i], tolerance * largest, i, what);
    }

    private static void Check(double actual, double expected, double limit, int i, string what)
    {
        var error = Math.Abs(actual - expected);
        if (!(error <= limit)) // written so that NaN fails
            Assert.Fail($"element {i} of {what} is {actual:R}, the reference has {expected:R}; allowed {limit:E1}, off by {error:E1}");
    }
}
