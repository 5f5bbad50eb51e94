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
        new object[] { Phase.Training, 1, PaddingMode.Zero },
        new object[] { Phase.Training, 3, PaddingMode.Zero },
        new object[] { Phase.Inference, 1, PaddingMode.Replicate },
        new object[] { Phase.Inference, 3, PaddingMode.Replicate },
        new object[] { Phase.Inference, 1, PaddingMode.Zero },
        new object[] { Phase.Inference, 3, PaddingMode.Zero },
    ];

    [TestCaseSource(nameof(Cases))]
    public void MatchTheReference(Phase phase, int channels, PaddingMode border)
    {
        using var actual = new NetworkRun(Backend, phase, channels, border);
        using var expected = new NetworkRun(Reference, phase, channels, border);
        // What is summed for an element: the pixels of both samples, and the terms of every layer passed on the way.
        var terms = (2 * 7 * 6) + (9 * channels) + 5 + (9 * 4);
        Compare.Close(actual.Grads, expected.Grads, terms);
        Compare.Close(actual.InputGrad, expected.InputGrad, terms);
    }
}

/// <summary>The reference's gradients, in double: it judges the others.</summary>
public sealed class ReferenceNetworkGradientTests
{
    [TestCaseSource(typeof(NetworkGradientTests), nameof(NetworkGradientTests.Cases))]
    public void MatchCentralDifferences(Phase phase, int channels, PaddingMode border)
    {
        using var backend = new ReferenceBackend();
        using var run = new NetworkRun(backend, phase, channels, border);
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

/// <summary>A tiny SRCNN with large weights after one forward and backward pass.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly Workspace workspace;
    private readonly Layer layer;

    public NetworkRun(IBackend backend, Phase phase, int channels, PaddingMode border)
    {
        Model = new Model(new SrcnnConfig(3, 1, 3, 5, 4, channels, border), 2, backend);
        layer = phase == Phase.Training ? Model.Training : Model.Inference;
        workspace = new Workspace(Model.Parameters) { Grads = Grads = backend.Allocate(Model.Parameters.Values.Shape) };
        Model.Parameters.Values.CopyFrom(Values.Uniform(Model.Parameters.Values.Shape.Length, 1));
        Input = backend.Allocate(new Shape(2, 7, 6, channels));
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
