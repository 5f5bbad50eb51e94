using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Graphs;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Networks;

/// <summary>Gradients of a whole network for the loss ½‖f(x)‖², whose gradient in the output is the output.</summary>
public sealed class NetworkGradientTests(string name) : BackendTests(name)
{
    internal static readonly object[] Cases =
    [
        Srcnn(Edges.None, 1, PaddingMode.Zero),
        Srcnn(Edges.None, 3, PaddingMode.Zero),
        Srcnn(Edges.All, 1, PaddingMode.Replicate),
        Srcnn(Edges.All, 3, PaddingMode.Replicate),
        Srcnn(Edges.All, 1, PaddingMode.Zero),
        Srcnn(Edges.All, 3, PaddingMode.Zero),
        Case(Edges.None, new FsrcnnConfig(4, 3, 1), 2),
        Case(Edges.None, new FsrcnnConfig(4, 3, 1, 3, SharedSlopes: true), 3),
        Case(Edges.All, new FsrcnnConfig(4, 3, 1, SharedSlopes: true), 3),
        Case(Edges.All, new FsrcnnConfig(4, 3, 2, 3, PaddingMode.Zero, Offset: 2), 2),
        Case(Edges.All, new VdsrConfig(4, 5, Border: PaddingMode.Zero), 2),
        Case(Edges.All, new VdsrConfig(3, 4, 3), 2),
        Small(new SrResNetConfig(1, 4), 2),
        Small(new SrResNetConfig(2, 3, 1, PaddingMode.Replicate, SharedSlopes: true, BodyNorm: false), 3),
        Small(new MsrResNetConfig(1, 4), 2),
        Small(new MsrResNetConfig(1, 3, 1, PaddingMode.Replicate), 3),
        Case(Edges.All, new BranchesConfig(), 2),
        Case(Edges.All, new BranchesConfig(3, PaddingMode.Replicate), 3),
    ];

    [TestCaseSource(nameof(Cases))]
    public void MatchTheReference(Edges edges, NetworkConfig network, int scale, int height, int width)
    {
        using var actual = new NetworkRun(Backend, edges, network, scale, height, width);
        using var expected = new NetworkRun(Reference, edges, network, scale, height, width);
        // What is summed for an element: the pixels of both samples, and the terms of every layer passed on the way.
        var terms = (2 * height * width * (network.Input == NetworkInput.LowResolution ? scale * scale : 1)) + (9 * network.Channels) + (9 * 4 * 4);
        Compare.Close(actual.Grads, expected.Grads, terms);
        Compare.Close(actual.InputGrad, expected.InputGrad, terms);
    }

    private static object[] Srcnn(Edges edges, int channels, PaddingMode border) => [edges, new SrcnnConfig(3, 1, 3, 5, 4, channels, border), 2, 7, 6];

    private static object[] Small(NetworkConfig network, int scale) => [Edges.All, network, scale, 5, 4];

    private static object[] Case(Edges edges, NetworkConfig network, int scale) => [edges, network, scale, 12, 11];
}

/// <summary>The reference's gradients, in double: it judges the others.</summary>
[Parallelizable(ParallelScope.Children)] // on a thread each, with a backend each
public sealed class ReferenceNetworkGradientTests
{
    [TestCaseSource(typeof(NetworkGradientTests), nameof(NetworkGradientTests.Cases))]
    public void MatchCentralDifferences(Edges edges, NetworkConfig network, int scale, int height, int width)
    {
        using var backend = new ReferenceBackend();
        using var run = new NetworkRun(backend, edges, network, scale, height, width);
        Check(run, run.Model.Parameters.Values, run.Grads, "parameter");
        Check(run, run.Input, run.InputGrad, "input");
    }

    // PyTorch's gradcheck: step 1e-6, |analytic − numeric| ≤ 1e-5 + 1e-3·|numeric|; and what the loss's own rounding makes of the difference.
    private static void Check(NetworkRun run, Tensor moved, Tensor grads, string what)
    {
        const double H = 1e-6;
        var values = ReferenceBackend.Elements(moved);
        var noise = 16 * 2.2e-16 * run.Loss() / H;
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
            Assert.That(analytic[i], Is.EqualTo(numeric).Within(1e-5 + noise + (1e-3 * Math.Abs(numeric))), $"{what} element {i}");
        }
    }
}

/// <summary>A tiny network with large weights after one forward and backward pass.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly Workspace workspace;

    public NetworkRun(IBackend backend, Edges edges, NetworkConfig network, int scale, int height, int width)
    {
        Model = new Model(network, scale, backend);
        workspace = new Workspace(Model.Training, Model.Parameters) { Edges = edges, Grads = Grads = backend.Allocate(Model.Parameters.Values.Shape) };
        Model.Parameters.Values.CopyFrom(Values.Uniform(Model.Parameters.Values.Shape.Length, 1));
        Input = backend.Allocate(new Shape(2, height, width, network.Channels));
        Input.CopyFrom(Values.Uniform(Input.Shape.Length, 2));
        Model.Training.Prepare(Model.Parameters);
        using var outputGrad = backend.Allocate(Model.Training.Output(Input.Shape, edges));
        backend.Copy(workspace.Forward(Input), outputGrad);
        InputGrad = backend.Allocate(Input.Shape);
        backend.Copy(workspace.Backward(outputGrad, wantsPicture: true)!, InputGrad);
    }

    public Model Model { get; }

    public Tensor Input { get; }

    public Tensor Grads { get; }

    public Tensor InputGrad { get; }

    public double Loss()
    {
        Model.Training.Prepare(Model.Parameters);
        var sum = 0.0;
        foreach (var value in ReferenceBackend.Elements(workspace.Forward(Input))) sum += 0.5 * value * value;
        return sum;
    }

    public void Dispose()
    {
        workspace.Dispose();
        Grads.Dispose();
        InputGrad.Dispose();
        Input.Dispose();
        Model.Dispose();
    }
}
