using Microsoft.ML.OnnxRuntime;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Onnx;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Onnx;

/// <summary>What another program makes of our files.</summary>
public sealed class OnnxExportTests
{
    private static readonly object[] Cases =
    [
        new object[] { new SrcnnConfig(9, 5, 5, 16, 8), 3 },
        new object[] { new SrcnnConfig(5, 1, 3, 8, 4, 3, PaddingMode.Zero), 2 },
        new object[] { new FsrcnnConfig(16, 6, 2), 2 },
        new object[] { new FsrcnnConfig(16, 6, 1, SharedSlopes: true), 3 },
        new object[] { new FsrcnnConfig(8, 4, 1, 3), 4 },
        new object[] { new FsrcnnConfig(8, 4, 1, 1, PaddingMode.Zero, Offset: 2), 2 },
        new object[] { new FsrcnnConfig(8, 4, 0, 1, PaddingMode.Replicate, Offset: 8), 8 },   // the kernel ends before the block
        new object[] { new VdsrConfig(5, 8, Border: PaddingMode.Zero), 3 },
        new object[] { new VdsrConfig(3, 8, 3), 2 },
        new object[] { new CompactConfig(3, 8), 3 },
        new object[] { new SrResNetConfig(2, 8), 4 },
        new object[] { new SrResNetConfig(1, 8, 1, PaddingMode.Replicate, SharedSlopes: true, BodyNorm: false, BoundedOutput: true), 3 },
        new object[] { new MsrResNetConfig(2, 8), 2 },
        new object[] { new MsrResNetConfig(1, 8, 1, PaddingMode.Replicate), 3 },
    ];

    [TestCaseSource(nameof(Cases))]
    public void OnnxRuntimeAgreesOnOddSizes(NetworkConfig network, int scale)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(network, scale, backend);
        model.Parameters.Initialize(1);
        // Biases and slopes too, and a picture's worth of contrast in the last layer, whatever small weights it starts with.
        var values = model.Parameters.Values.ToArray();
        foreach (var (i, noise) in Values.Uniform(values.Length, 2).Index()) values[i] += 0.05f * noise;
        model.Parameters.Values.CopyFrom(values);
        using var stream = new MemoryStream();
        OnnxExport.Write(new ModelFile(network, scale, model.Save()), scale, stream);
        using var session = new InferenceSession(stream.ToArray());
        foreach (var (height, width) in new[] { (17, 23), (1, 5), (8, 31) })
        {
            var picture = Array.ConvertAll(Values.Uniform(height * width * network.Channels, 3), v => (v + 1) / 2);
            var expected = Ours(model, picture, height, width);
            using var input = OrtValue.CreateTensorValueFromMemory(Swapped(picture, height * width, network.Channels), [1, network.Channels, height, width]);
            using var options = new RunOptions();
            using var results = session.Run(options, [OnnxExport.InputName], [input], session.OutputNames);
            var output = results[0];
            Assert.That(output.GetTensorTypeAndShape().Shape, Is.EqualTo(new long[] { 1, network.Channels, expected.Shape.H, expected.Shape.W }));
            var ours = Swapped(expected.ToArray(), expected.Shape.H * expected.Shape.W, network.Channels);
            Assert.That(output.GetTensorDataAsSpan<float>().ToArray(), Is.EqualTo(ours).Within(1e-5), $"{height}×{width}");
        }
    }

    private static readonly object[] WholeCases =
    [
        new object[] { new SrcnnConfig(9, 5, 5, 16, 8), 3 },
        new object[] { new SrcnnConfig(5, 1, 3, 8, 4, 3), 2 },
        new object[] { new VdsrConfig(3, 8), 4 },
        new object[] { new FsrcnnConfig(16, 6, 2), 2 },
        new object[] { new CompactConfig(3, 8), 3 },
    ];

    /// <summary>From 8-bit RGB to 8-bit RGB as 'upscale' does it: equal, but where the value lies next to the middle between two samples.</summary>
    [TestCaseSource(nameof(WholeCases))]
    public void WithBicubicItEnlargesByItself(NetworkConfig network, int scale)
    {
        using var backend = new HostBackend(1);
        using var model = new Model(network, scale, backend);
        model.Parameters.Initialize(1);
        var file = new ModelFile(network, scale, model.Save());
        using var stream = new MemoryStream();
        OnnxExport.Write(file, scale, stream, withBicubic: true);
        using var session = new InferenceSession(stream.ToArray());
        using var upscaler = Upscaler.Open(file, new UpscalerOptions { Backend = backend, Scale = scale, Algorithm = Algorithm.Direct });
        foreach (var (height, width) in new[] { (17, 23), (2, 5), (8, 31) })
        {
            var picture = Array.ConvertAll(Values.Uniform(height * width * 3, 3), v => (byte)(127.5f + (127.5f * v)));
            var expected = upscaler.Upscale(picture, width, height);
            using var input = OrtValue.CreateTensorValueFromMemory(Swapped(picture, height * width, 3), [1, 3, height, width]);
            using var options = new RunOptions();
            using var results = session.Run(options, [OnnxExport.InputName], [input], session.OutputNames);
            Assert.That(results[0].GetTensorTypeAndShape().Shape, Is.EqualTo(new long[] { 1, 3, height * scale, width * scale }));
            var ours = Swapped(expected, expected.Length / 3, 3);
            var differences = results[0].GetTensorDataAsSpan<byte>().ToArray().Zip(ours, (a, b) => Math.Abs(a - b)).ToList();
            Assert.That(differences.Max(), Is.LessThanOrEqualTo(1), $"{height}×{width}");
            Assert.That(differences.Count(d => d > 0), Is.LessThanOrEqualTo(differences.Count / 100), $"{height}×{width}");
            Assert.That(expected.Distinct().Count(), Is.GreaterThan(30), "it is a picture");
        }
    }

    private static Tensor Ours(Model model, float[] picture, int height, int width)
    {
        using var workspace = new Workspace(model.Inference, model.Parameters);
        using var input = model.Backend.Allocate(new Shape(1, height, width, model.Network.Channels));
        input.CopyFrom(picture);
        model.Inference.Prepare(model.Parameters);
        return workspace.Forward(input);
    }

    /// <summary>[pixels, channels] to [channels, pixels].</summary>
    private static T[] Swapped<T>(T[] values, int pixels, int channels) =>
        [.. Enumerable.Range(0, values.Length).Select(i => values[(i % pixels * channels) + (i / pixels)])];
}
