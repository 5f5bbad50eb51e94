
namespace Srcnn.Kernels;

/// <summary>Draws the first values of a parameter of <paramref name="shape"/>, in backend order.</summary>
public delegate void Initializer(SeededRandom random, Shape shape, Span<float> values);

/// <summary>How parameters start.</summary>
public static class Initializers
{
    /// <summary>Zeros, as all biases here.</summary>
    public static void Zero(SeededRandom random, Shape shape, Span<float> values) => values.Clear();

    /// <summary>One value everywhere, as PReLU's slopes start.</summary>
    public static Initializer Constant(float value) => (_, _, values) => values.Fill(value);

    /// <summary>Normal with a fixed deviation; SRCNN's authors take 0.001.</summary>
    public static Initializer Gaussian(float deviation) => (random, _, values) =>
    {
        foreach (ref var value in values) value = (float)(random.NextGaussian() * deviation);
    };

    /// <summary>Normal with variance 2/(R·S·C), which keeps the scale of activations through ReLU layers (He et al., arXiv:1502.01852).</summary>
    public static void He(SeededRandom random, Shape shape, Span<float> values) =>
        Gaussian(MathF.Sqrt(2f / (shape.N * shape.H * shape.W)))(random, shape, values);

    /// <summary>The same times <paramref name="factor"/>: below 1, residual blocks begin as almost nothing.</summary>
    public static Initializer He(float factor) => (random, shape, values) =>
    {
        He(random, shape, values);
        foreach (ref var value in values) value *= factor;
    };

    /// <summary>
    /// As <paramref name="others"/>, but the first <paramref name="channels"/> channels pass through unchanged: they read nothing else,
    /// except in the last layer, and behind the first layer no other output reads them. A network whose every layer starts so, the others
    /// of its last one small, begins as the identity on pictures in [0, 1]: at the quality of its bicubic input instead of below it.
    /// </summary>
    public static Initializer Identity(int channels, Initializer others) => (random, shape, values) =>
    {
        others(random, shape, values);
        var (taps, center) = (shape.N * shape.H, (shape.N / 2 * shape.H) + (shape.H / 2));
        var (isFirst, isLast) = (shape.W == channels, shape.C == channels);
        for (var tap = 0; tap < taps; tap++)
        for (var c = 0; c < shape.W; c++)
        for (var k = 0; k < shape.C; k++)
        {
            var (passes, isPicture) = (k < channels, c < channels);
            var drawn = passes ? isLast && !isPicture : isFirst || !isPicture;
            if (!drawn) values[((tap * shape.W) + c) * shape.C + k] = c == k && tap == center ? 1 : 0;
        }
    };
}
