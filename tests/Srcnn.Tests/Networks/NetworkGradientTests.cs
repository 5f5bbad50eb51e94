using Srcnn.Engine.Layers;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Networks;

/// <summary>Gradients of a whole network for the loss ½‖f(x)‖², whose gradient in the output is the output.</summary>
public sealed class NetworkGradientTests(string name) : BackendTests(name)
{
    internal static readonly object[] Cases =
    [
        Srcnn(Phase.Training, 1, PaddingMode.Zero),
        Srcnn(Phase.Training, 3, PaddingMode.Zero),
        Srcnn(Phase.Inference, 1, PaddingMode.Replicate),
        Srcnn(Phase.Inference, 3, PaddingMode.Replicate),
        Srcnn(Phase.Inference, 1, PaddingMode.Zero),
        Srcnn(Phase.Inference, 3, PaddingMode.Zero),
        Case(Phase.Training, new FsrcnnConfig(4, 3, 1), 2),
        Case(Phase.Training, new FsrcnnConfig(4, 3, 1, 3, SharedSlopes: true), 3),
        Case(Phase.Inference, new FsrcnnConfig(4, 3, 1, SharedSlopes: true), 3),
        Case(Phase.Inference, new FsrcnnConfig(4, 3, 2, 3, PaddingMode.Zero, Offset: 2), 2),
        Case(Phase.Training, new VdsrConfig(4, 5, Border: PaddingMode.Zero), 2),
        Case(Phase.Training, new VdsrConfig(3, 4, 3), 2),
    ];

    [TestCaseSource(nameof(Cases))]
    public void MatchTheReference(Phase phase, NetworkConfig network, int scale, int height, int width)
    {
        using var actual = new NetworkRun(Backend, phase, network, scale, height, width);
        using var expected = new NetworkRun(Reference, phase, network, scale, height, width);
        // What is summed for an element: the pixels of both samples, and the terms of every layer passed on the way.
        var terms = (2 * height * width * (network.Input == NetworkInput.LowResolution ? scale * scale : 1)) + (9 * network.Channels) + (9 * 4 * 4);
        Compare.Close(actual.Grads, expected.Grads, terms);
        Compare.Close(actual.InputGrad, expected.InputGrad, terms);
    }

    private static object[] Srcnn(Phase phase, int channels, PaddingMode border) => [phase, new SrcnnConfig(3, 1, 3, 5, 4, channels, border), 2, 7, 6];

    private static object[] Case(Phase phase, NetworkConfig network, int scale) => [phase, network, scale, 12, 11];
}

/// <summary>The reference's gradients, in double: it judges the others.</summary>
[Parallelizable(ParallelScope.Children)] // on a thread each, with a backend each
public sealed class ReferenceNetworkGradientTests
{
    [TestCaseSource(typeof(NetworkGradientTests), nameof(NetworkGradientTests.Cases))]
    public void MatchCentralDifferences(Phase phase, NetworkConfig network, int scale, int height, int width)
    {
        using var backend = new ReferenceBackend();
        using var run = new NetworkRun(backend, phase, network, scale, height, width);
        Check(run, run.Model.Parameters.Values, run.Grads, "parameter");
        Check(run, run.Input, run.InputGrad, "input");
    }

    // PyTorch's gradcheck: step 1e-6, |analytic − numeric| ≤ 1e-5 + 1e-3·|numeric|.
    private static void Check(NetworkRun run, Tensor moved, Tensor grads, string what)
    {
        const double H = 1e-6;
        var values = ReferenceBackend.Elements(moved);
        var analytic = ReferenceBackend.Elements(grads).ToArray();
        Assert.That(analytic.Count(g => g != 0), Is.GreaterThan(analytic.Length / 3), "too many dead units to check anything");
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            values[i] = value + H;
            var up = run.Loss();
            values[i] = value - H;
            var numeric = (up - run.Loss()) / (2 * H);
            values[i] = value;
            Assert.That(analytic[i], Is.EqualTo(numeric).Within(1e-5 + (1e-3 * Math.Abs(numeric))), $"{what} element {i}");
        }
    }
}

/// <summary>A tiny network with large weights after one forward and backward pass.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly Workspace workspace;
    private readonly Layer layer;

    public NetworkRun(IBackend backend, Phase phase, NetworkConfig network, int scale, int height, int width)
    {
        Model = new Model(network, scale, backend);
        layer = phase == Phase.Training ? Model.Training : Model.Inference;
        workspace = new Workspace(Model.Parameters) { Grads = Grads = backend.Allocate(Model.Parameters.Values.Shape) };
        Model.Parameters.Values.CopyFrom(Values.Uniform(Model.Parameters.Values.Shape.Length, 1));
        Input = backend.Allocate(new Shape(2, height, width, network.Channels));
        Input.CopyFrom(Values.Uniform(Input.Shape.Length, 2));
        layer.Prepare(Model.Parameters);
        var output = layer.Forward(workspace, Input);
        InputGrad = layer.Backward(workspace, output, Srcnn.Engine.Layers.InputGrad.Plain)!;
    }

    public Model Model { get; }

    public Tensor Input { get; }

    public Tensor Grads { get; }

    public Tensor InputGrad { get; }

    public double Loss()
    {
        layer.Prepare(Model.Parameters);
        var sum = 0.0;
        foreach (var value in ReferenceBackend.Elements(layer.Forward(workspace, Input))) sum += 0.5 * value * value;
        return sum;
    }

    public void Dispose()
    {
        workspace.Dispose();
        Grads.Dispose();
        Input.Dispose();
        Model.Dispose();
    }
}
