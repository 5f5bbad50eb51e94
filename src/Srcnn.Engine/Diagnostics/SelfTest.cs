using System.Globalization;
using Srcnn.Engine.Data;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>How far one op on one device was from the reference.</summary>
/// <param name="Op">The op.</param>
/// <param name="Case">The shapes.</param>
/// <param name="Error">Largest absolute difference; NaN where the device gave NaN; infinite where it failed.</param>
/// <param name="Limit">What rounding explains.</param>
public sealed record SelfTestResult(string Op, string Case, double Error, double Limit)
{
    /// <summary>Written so that NaN fails.</summary>
    public bool Passed => Error <= Limit;
}

/// <summary>Runs every op of the networks on a device at small odd sizes and compares with the plain loops in double.</summary>
public sealed class SelfTest : IDisposable
{
    /// <summary>Distance from 1 to the next float.</summary>
    private const double Epsilon = 1.1920929e-7;

    /// <summary>What trained weights may lose of the full range, by rounding and by Winograd's transforms: less than a hundredth of what 16 bit show.</summary>
    private const double ModelLimit = 1e-5;

    /// <summary>Small enough that a GPU's first use does not wait for it.</summary>
    private const string QuickModel = "srcnn-9-1-5-x3";

    private const int Width = 61, Height = 47;

    private readonly IBackend device;
    private readonly ReferenceBackend reference = new();

    private SelfTest(IBackend device) => this.device = device;

    /// <summary>One result per op and case. A case in which the device throws counts as failed.</summary>
    public static IReadOnlyList<SelfTestResult> Run(IBackend device)
    {
        using var test = new SelfTest(device);
        return [.. test.Convolutions(), .. test.TransposedConvolutions(), .. test.SmallOps()];
    }

    /// <summary>Runs a model on a generated picture of odd size, with each algorithm the device has; the error is that of values in [0, 1].</summary>
    public static IReadOnlyList<SelfTestResult> RunModel(IBackend device, string nameOrPath)
    {
        var file = ModelCatalog.Resolve(nameOrPath);
        Algorithm[] algorithms = device is HostBackend ? [Algorithm.Direct, Algorithm.Fast] : [Algorithm.Auto];
        var (picture, expected) = Expected(file);
        return [.. algorithms.Select(a => Compare(a == Algorithm.Auto ? "model" : $"model, {a.ToString().ToLowerInvariant()}", nameOrPath, expected, ModelLimit, () => Output(device, file, picture, a)))];
    }

    /// <summary>What is wrong with the device called <paramref name="name"/>, or null: a quick check before its first use. A shipped model must run as on the reference.</summary>
    public static string? Flaw(string name)
    {
        try
        {
            using var device = Backend.Open(name);
            return RunModel(device, QuickModel).FirstOrDefault(r => !r.Passed) is { } wrong
                ? string.Create(CultureInfo.InvariantCulture, $"it computes wrongly, {wrong.Case} with an error of {wrong.Error:0.0e+0} where {wrong.Limit:0.0e+0} is allowed")
                : null;
        }
        catch (Exception e) when (e is BackendUnavailableException or DeviceException)
        {
            return e.Message;
        }
    }

    private static (float[] Picture, float[] Expected) Expected(ModelFile file)
    {
        var rgb = SyntheticImages.Generate(Width, Height, 1);
        var picture = new float[Width * Height * file.Network.Channels];
        for (var i = 0; i < picture.Length; i++) picture[i] = rgb[file.Network.Channels == 3 ? i : 3 * i] / 255f;
        using var reference = new ReferenceBackend();
        return (picture, Output(reference, file, picture, Algorithm.Auto));
    }

    private static float[] Output(IBackend backend, ModelFile file, float[] picture, Algorithm algorithm)
    {
        using var model = new Model(file, backend);
        using var runner = new PictureRunner(model, algorithm: algorithm);
        return runner.Run(picture, Height, Width);
    }

    /// <inheritdoc/>
    public void Dispose() => reference.Dispose();

    // The layers of SRCNN 9-1-5 and 9-5-5, of FSRCNN (its last by phases) and of VDSR; sizes on purpose no multiples of a vector or a work group.
    private IEnumerable<SelfTestResult> Convolutions()
    {
        (Conv2dGeometry Geometry, Shape Input, Activation Activation)[] cases =
        [
            (new(1, 64, 9), new(2, 19, 17, 1), Activation.Relu),
            (new(64, 32, 1), new(2, 7, 5, 64), Activation.Relu),
            (new(64, 32, 5), new(1, 9, 11, 64), Activation.Relu),
            (new(32, 1, 5), new(2, 11, 9, 32), Activation.None),
            (new(1, 64, 9, Padding.Same(9, PaddingMode.Replicate)), new(1, 13, 11, 1), Activation.Relu),
            (new(32, 1, 5, Padding.Same(5, PaddingMode.Replicate)), new(1, 5, 3, 32), Activation.None),
            (new(3, 64, 9, Padding.Same(9, PaddingMode.Zero)), new(1, 7, 9, 3), Activation.Relu),
            (new(32, 3, 5), new(1, 9, 7, 32), Activation.None),
            (new(1, 56, 5, Padding.Same(5, PaddingMode.Zero)), new(1, 9, 11, 1), Activation.None),
            (new(56, 12, 1), new(2, 5, 7, 56), Activation.None),
            (new(12, 12, 3, Padding.Same(3, PaddingMode.Zero)), new(2, 7, 9, 12), Activation.None),
            (new(12, 56, 1), new(2, 5, 7, 12), Activation.None),
            (new ConvTranspose2dGeometry(56, 1, 9, 3, 3).Phases, new(1, 9, 7, 56), Activation.None),
            (new(1, 64, 3, Padding.Same(3, PaddingMode.Zero)), new(1, 11, 9, 1), Activation.Relu),
            (new(64, 64, 3, Padding.Same(3, PaddingMode.Zero)), new(1, 9, 11, 64), Activation.Relu),
            (new(64, 1, 3, Padding.Same(3, PaddingMode.Zero)), new(1, 7, 13, 64), Activation.None),
        ];
        foreach (var (g, input, activation) in cases)
        {
            var text = $"{g.KernelSize}×{g.KernelSize} {g.InChannels}→{g.OutChannels} on {input}{(g.Padding.IsNone ? "" : $", {g.Padding.Mode}")}";
            var output = g.Output(input);
            yield return Compare("conv2d forward", text, g.Terms, [input, g.Weight, g.Bias], output,
                (b, t, o) => b.Conv2dForward(g, t[0], t[1], t[2], activation, o));
            yield return Compare("conv2d forward, prelu", text, g.Terms, [input, g.Weight, g.Bias, g.Bias], output,
                (b, t, o) => b.Conv2dForward(g, t[0], t[1], t[2], Activation.PRelu(t[3]), o));
            yield return Compare("conv2d flip", text, 0, [g.Weight], g.FlippedWeight, (b, t, o) => b.Conv2dFlip(g, t[0], o));
            yield return Compare("conv2d backward input", text, g.KernelSize * g.KernelSize * g.OutChannels, [output, g.FlippedWeight, input], input,
                (b, t, o) => b.Conv2dBackwardInput(g, t[0], t[1], t[2], o));
            yield return Compare("conv2d backward weight", text, output.N * output.H * output.W, [input, output, g.Bias], g.Weight,
                (b, t, o) => b.Conv2dBackwardWeight(g, t[0], t[1], o, t[2]));
        }
    }

    // The last layer of FSRCNN at ×3, and one with several channels at ×2.
    private IEnumerable<SelfTestResult> TransposedConvolutions()
    {
        foreach (var g in (ConvTranspose2dGeometry[])[new(56, 1, 9, 3, 3), new(5, 3, 4, 2, 1)])
        {
            var text = $"{g.KernelSize}×{g.KernelSize} {g.InChannels}→{g.OutChannels} ×{g.Stride}";
            var phases = g.Phases;
            yield return Compare("transposed conv2d weight", text, 0, [g.Weight, g.Bias, phases.Bias], phases.Weight, (b, t, o) => b.ConvTranspose2dToPhases(g, t[0], t[1], o, t[2]));
            yield return Compare("transposed conv2d bias", text, 0, [g.Weight, g.Bias, phases.Weight], phases.Bias, (b, t, o) => b.ConvTranspose2dToPhases(g, t[0], t[1], t[2], o));
            yield return Compare("transposed conv2d weight gradient", text, g.Stride * g.Stride, [phases.Weight, phases.Bias, g.Bias], g.Weight, (b, t, o) => b.ConvTranspose2dFromPhases(g, t[0], t[1], o, t[2]));
            yield return Compare("transposed conv2d bias gradient", text, g.Stride * g.Stride, [phases.Weight, phases.Bias, g.Weight], g.Bias, (b, t, o) => b.ConvTranspose2dFromPhases(g, t[0], t[1], t[2], o));
        }
    }

    private IEnumerable<SelfTestResult> SmallOps()
    {
        var shape = new Shape(1, 1, 1, 1237);
        var text = $"{shape.Length} elements";
        const int channels = 5;
        yield return Compare("copy", text, 0, [shape], shape, (b, t, o) => b.Copy(t[0], o));
        yield return Compare("fill", text, 0, [], shape, (b, _, o) => b.Fill(o, 0.3f));
        yield return Compare("scale", text, 1, [shape], shape, (b, t, o) =>
        {
            b.Copy(t[0], o);
            b.Scale(o, 0.7f);
        });
        yield return Compare("add scaled", text, 2, [shape], shape, (b, t, o) => b.AddScaled(t[0], 0.7f, o));
        yield return Compare("relu backward", text, 0, [shape, shape], shape, (b, t, o) => b.ReluBackward(t[0], t[1], o));
        foreach (var slopes in (int[])[1, channels])
        {
            Shape picture = new(2, 5, 7, channels), slope = Shape.Vector(slopes);
            var with = $"{picture}, {slopes} slopes";
            yield return Compare("prelu", with, 1, [picture, slope], picture, (b, t, o) => b.PReluForward(t[0], t[1], o));
            yield return Compare("prelu backward", with, 1, [picture, slope, picture, slope], picture, (b, t, o) => b.PReluBackward(t[0], t[1], t[2], o, t[3]));
            yield return Compare("prelu slope gradient", with, picture.Length, [picture, slope, picture, picture], slope, (b, t, o) => b.PReluBackward(t[0], t[1], t[2], t[3], o));
        }
        Shape deep = new(2, 5, 3, 9 * channels), wide = new(2, 15, 9, channels);
        yield return Compare("depth to space", $"{deep}", 0, [deep], wide, (b, t, o) => b.DepthToSpace(3, t[0], o));
        yield return Compare("space to depth", $"{wide}", 0, [wide], deep, (b, t, o) => b.SpaceToDepth(3, t[0], o));
        yield return Compare("add", $"{wide}", 1, [wide, wide with { H = 18, W = 11 }], wide, (b, t, o) => b.Add(t[0], t[1], 2, 1, o));
        yield return Compare("sigmoid", text, 8, [shape], shape, (b, t, o) => b.SigmoidForward(t[0], o));
        yield return Compare("sigmoid backward", text, 2, [shape, shape], shape, (b, t, o) => b.SigmoidBackward(t[0], t[1], o));
        Shape batch = new(2, 7, 9, channels), vector = Shape.Vector(channels), moments = new(1, 1, 3, channels);
        var pixels = batch.Length / channels;
        yield return Compare("channel moments", $"{batch}", pixels, [batch], moments, (b, t, o) => b.ChannelMoments(t[0], o));
        yield return Compare("merge moments", $"{batch}", pixels, [batch, moments, batch], moments, (b, t, o) =>
        {
            b.ChannelMoments(t[0], t[1]);
            b.ChannelMoments(t[2], o);
            b.MergeMoments(t[1], o);
        });
        yield return Compare("track moments", $"{batch}", pixels, [batch, moments, vector], vector, (b, t, o) =>
        {
            b.ChannelMoments(t[0], t[1]);
            b.TrackMoments(t[1], 0.1f, t[2], o);
        });
        yield return Normalised("batch norm", batch, (b, t, o) => b.BatchNormForward(t[0], t[1], 1e-5f, t[2], t[3], o));
        yield return Normalised("batch norm sums", new(1, 1, 2, channels), (b, t, o) => b.BatchNormSums(t[0], t[1], 1e-5f, t[4], o));
        yield return Normalised("batch norm backward", batch, (b, t, o) =>
        {
            b.BatchNormSums(t[0], t[1], 1e-5f, t[4], t[5]);
            b.BatchNormBackward(t[0], t[1], 1e-5f, t[2], t[5], t[4], o);
        });
        yield return Compare("clip value", text, 0, [shape], shape, (b, t, o) =>
        {
            b.Copy(t[0], o);
            b.ClipValue(o, 0.4f);
        });
        yield return Compare("clip norm", text, 2, [shape, Shape.Vector(1)], shape, (b, t, o) =>
        {
            b.Copy(t[0], o);
            b.Fill(t[1], 9);
            b.ClipNorm(o, t[1], 0.6f);
        });
        yield return Compare("squared norm", text, shape.Length, [shape], Shape.Vector(1), (b, t, o) => b.SquaredNorm(t[0], o));
        yield return Compare("mse gradient", text, 2, [shape, shape, Shape.Vector(1)], shape, (b, t, o) => b.MseLoss(t[0], t[1], shape.Length, o, t[2]));
        yield return Compare("mse loss", text, shape.Length, [shape, shape, shape], Shape.Vector(1), (b, t, o) => b.MseLoss(t[0], t[1], shape.Length, t[2], o));
        yield return Compare("sgd", text, 4, [shape, shape, shape], shape, (b, t, o) => b.Sgd(new SgdStep(0.1f, 0.9f, 1e-4f), o, t[0], t[1], t[2]));
        // The second moment starts at zero, as in training: it must not be negative.
        yield return Compare("adam", text, 16, [shape, shape, shape], shape, (b, t, o) =>
        {
            using var moment2 = b.Allocate(shape);
            b.Adam(new AdamStep(0.01f, 0.9f, 0.999f, 1e-8f, 1), o, t[0], t[1], t[2], moment2);
        });
    }

    /// <summary>What needs the moments of its input: input, moments, scale, shift, output gradient and sums are given.</summary>
    private SelfTestResult Normalised(string op, Shape output, Action<IBackend, Tensor[], Tensor> run)
    {
        const int channels = 5;
        Shape batch = new(2, 7, 9, channels), vector = Shape.Vector(channels);
        return Compare(op, $"{batch}", 2 * 7 * 9, [batch, new(1, 1, 3, channels), vector, vector, batch, new(1, 1, 2, channels)], output, (b, t, o) =>
        {
            b.ChannelMoments(t[0], t[1]);
            run(b, t, o);
        });
    }

    /// <summary>|device − reference| ≤ 8·ε·√terms·max|reference|: rounding grows with the root of the number of terms summed.</summary>
    private SelfTestResult Compare(string op, string text, int terms, Shape[] inputs, Shape output, Action<IBackend, Tensor[], Tensor> run)
    {
        var expected = Outcome(reference, inputs, output, run);
        var limit = 8 * Epsilon * Math.Sqrt(Math.Max(terms, 1)) * Math.Max(expected.Max(MathF.Abs), 1e-3);
        return Compare(op, text, expected, limit, () => Outcome(device, inputs, output, run));
    }

    private static SelfTestResult Compare(string op, string text, float[] expected, double limit, Func<float[]> run)
    {
        try
        {
            return new SelfTestResult(op, text, Largest(run(), expected), limit);
        }
        catch (Exception e) when (e is DeviceException or BackendUnavailableException)
        {
            return new SelfTestResult(op, $"{text}: {e.Message}", double.PositiveInfinity, limit);
        }
    }

    // Math.Max passes NaN on.
    private static double Largest(float[] actual, float[] expected) => actual.Zip(expected, (a, e) => Math.Abs((double)a - e)).Aggregate(0.0, Math.Max);

    private static float[] Outcome(IBackend backend, Shape[] inputs, Shape output, Action<IBackend, Tensor[], Tensor> run)
    {
        var tensors = inputs.Select((shape, i) => Uniform(backend, shape, (ulong)i + 1)).ToArray();
        using var result = backend.Allocate(output);
        run(backend, tensors, result);
        backend.Synchronize();
        foreach (var tensor in tensors) tensor.Dispose();
        return result.ToArray();
    }

    private static Tensor Uniform(IBackend backend, Shape shape, ulong seed)
    {
        var random = new SeededRandom(seed);
        var values = new float[shape.Length];
        foreach (ref var value in values.AsSpan()) value = random.NextSingle(-1, 1);
        var tensor = backend.Allocate(shape);
        tensor.CopyFrom(values);
        return tensor;
    }
}
