using Srcnn.Kernels;

namespace Srcnn.Tests.Graphs;

public sealed class ParameterStoreTests
{
    private static readonly Parameter Weight = new("weight", new Shape(2, 3, 4, 5), Initializers.Zero);

    [Test]
    public void FileOrderIsThatOfPyTorch()
    {
        // Backend [R, S, C, K]: element (r=1, s=2, c=3, k=4) is the last; (r=0, s=1, c=2, k=3) is number ((0·3+1)·4+2)·5+3 = 33.
        // File [K, C, R, S]: it is number ((3·4+2)·2+0)·3+1 = 85.
        var values = Enumerable.Range(0, 120).Select(i => (float)i).ToArray();
        var file = Weight.ToFile(values);
        Assert.Multiple(() =>
        {
            Assert.That(Weight.FileShape, Is.EqualTo(new[] { 5, 4, 2, 3 }));
            Assert.That(file[85], Is.EqualTo(33));
            Assert.That(file[119], Is.EqualTo(119));
            Assert.That(file[1], Is.EqualTo(20), "the tap to the right of the first");
            Assert.That(Weight.FromFile(file), Is.EqualTo(values));
        });
    }

    [Test]
    public void TransposedWeightsHaveTheirInputsFirstInFiles()
    {
        var weight = Weight with { InputFirst = true };
        var values = Enumerable.Range(0, 120).Select(i => (float)i).ToArray();
        Assert.That(weight.FileShape, Is.EqualTo(new[] { 4, 5, 2, 3 }));
        Assert.That(weight.ToFile(values)[(((2 * 5) + 3) * 6) + 1], Is.EqualTo(33), "element (r=0, s=1, c=2, k=3)");
        Assert.That(weight.FromFile(weight.ToFile(values)), Is.EqualTo(values));
    }

    [Test]
    public void VectorsKeepTheirOrderInFiles()
    {
        var bias = new Parameter("bias", Shape.Vector(3), Initializers.Zero);
        Assert.That(bias.FileShape, Is.EqualTo(new[] { 3 }));
        Assert.That(bias.ToFile([1, 2, 3]), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public void ParametersStartAtMultiplesOfSixteenAndDoNotTouch()
    {
        using var backend = new HostBackend(1);
        using var store = new ParameterStore(backend, Graph(picture => picture.Conv2d("a", 3, 3).Relu().Conv2d("b", 2, 1)).Parameters);
        var places = store.Parameters.Select(store.Place).ToList();
        Assert.Multiple(() =>
        {
            Assert.That(store.Parameters.Select(p => p.Name), Is.EqualTo(new[] { "a.weight", "a.bias", "b.weight", "b.bias" }));
            Assert.That(places.Select(p => p.Start.Value), Is.EqualTo(new[] { 0, 32, 48, 64 }));
            Assert.That(store.Count, Is.EqualTo(27 + 3 + 6 + 2));
            Assert.That(store.Values.Shape.Length, Is.EqualTo(80));
        });
    }

    [Test]
    public void AWindowIsThePlaceOfItsParameter()
    {
        using var backend = new HostBackend(1);
        using var store = new ParameterStore(backend, Graph(picture => picture.Conv2d("a", 3, 3)).Parameters);
        var bias = store.Parameters[1];
        store.Value(bias).CopyFrom([7, 8, 9]);
        Assert.That(store.Values.ToArray()[store.Place(bias)], Is.EqualTo(new[] { 7, 8, 9 }));
        Assert.Throws<ShapeException>(() => store.Value(bias with { Shape = Shape.Vector(4) }));
    }

    [Test]
    public void TwoParametersOfOneNameAreRefused()
    {
        using var backend = new HostBackend(1);
        var twins = Graph(picture => picture.Conv2d("same", 1, 1).Conv2d("same", 1, 1));
        Assert.Throws<ArgumentException>(() => _ = new ParameterStore(backend, twins.Parameters));
    }

    [Test]
    public void BackwardBeforePrepareIsRefused()
    {
        using var backend = new HostBackend(1);
        var graph = Graph(picture => picture.Conv2d("a", 1, 1));
        using var store = new ParameterStore(backend, graph.Parameters);
        using var grads = backend.Allocate(store.Values.Shape);
        using var workspace = new Workspace(graph, store) { Grads = grads };
        using var input = backend.Allocate(new Shape(1, 2, 2, 1));
        var output = workspace.Forward(input);
        Assert.Throws<InvalidOperationException>(() => workspace.Backward(output, wantsPicture: true));
    }

    private static Graph Graph(Func<Map, Map> build) => new(build(Map.Picture(1)), training: true);
}
