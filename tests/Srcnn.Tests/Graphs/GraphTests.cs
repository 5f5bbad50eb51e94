using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Graphs;

/// <summary>What follows from a network's description, and the passes over one that is no chain.</summary>
public sealed class GraphTests
{
    [Test]
    public void EveryMapStandsBehindWhatItReadsAndParametersInTheOrderOfTheText()
    {
        var picture = Map.Picture(1);
        var head = picture.Conv2d("head", 4, 3).PRelu("slopes");
        var graph = new Graph((head + head.Conv2d("a", 4, 3).Relu().Conv2d("b", 4, 1)).Conv2d("tail", 1, 5), training: true);
        Assert.Multiple(() =>
        {
            Assert.That(graph.Maps.Select(map => map.Op.Name), Is.EqualTo(new[] { "picture", "head", "slopes", "a", "b", "skip", "tail" }), "the ReLU belongs to a");
            Assert.That(graph.Parameters.Select(p => p.Name), Is.EqualTo(new[] { "head.weight", "head.bias", "slopes.slope", "a.weight", "a.bias", "b.weight", "b.bias", "tail.weight", "tail.bias" }));
            Assert.That(graph.Radius, Is.EqualTo(1 + 1 + 2), "the longest way");
            Assert.That(graph.Scale, Is.EqualTo(1));
            Assert.That(graph.Output(new Shape(1, 9, 8, 1)), Is.EqualTo(new Shape(1, 9, 8, 1)));
            Assert.That(graph.Output(new Shape(1, 9, 9, 1), Edges.None), Is.EqualTo(new Shape(1, 1, 1, 1)));
            Assert.That(graph.Output(new Shape(1, 9, 9, 1), Edges.Top | Edges.Right), Is.EqualTo(new Shape(1, 5, 5, 1)));
        });
    }

    [Test]
    public void ReachIsCountedInPixelsOfThePicture()
    {
        // A 3×3 kernel on the doubled picture reaches half a pixel of the picture.
        var graph = new Graph(Map.Picture(1).Conv2d("head", 4, 3).ConvTranspose2d("up", 2, 2, 2, 0).Conv2d("tail", 1, 3), training: true);
        Assert.That((graph.Scale, graph.Radius), Is.EqualTo((2, 2)));
    }

    [Test]
    public void FlopsAreThoseOfEveryOp()
    {
        var picture = Map.Picture(1);
        var graph = new Graph(picture + picture.Conv2d("a", 4, 3).Relu().Conv2d("b", 1, 1), training: true);
        double a = 2 * 9 * 4 * 30, b = 2 * 4 * 30, skip = 30;
        Assert.That(graph.Flops(new Shape(1, 5, 6, 1)), Is.EqualTo(a + b + skip));
        // The picture's gradient is not wanted: a has no input gradient.
        Assert.That(graph.TrainingFlops(new Shape(1, 5, 6, 1), Edges.All), Is.EqualTo((2 * a) + (3 * b) + (3 * skip)));
    }

    [Test]
    public void MapsOfDifferentSizesAreNotAdded()
    {
        var picture = Map.Picture(1);
        Assert.That(() => new Graph(picture + picture.ConvTranspose2d("up", 1, 2, 2, 0), training: true), Throws.ArgumentException.With.Message.Contains("×1 and ×2"));
        Assert.That(() => picture + picture.Conv2d("a", 4, 3), Throws.ArgumentException.With.Message.Contains("1 and 4 channels"));
    }

    [Test]
    public void ABranchNobodyReadsIsNoPartOfTheNetwork()
    {
        var picture = Map.Picture(1);
        _ = picture.Conv2d("idle", 4, 3);
        Assert.That(new Graph(picture.Conv2d("a", 1, 3), training: true).Parameters.Select(p => p.Name), Is.EqualTo(new[] { "a.weight", "a.bias" }));
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(7)]
    public void TilesMakeTheWholePicture(int tile)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(new BranchesConfig(), 2, backend);
        model.Parameters.Values.CopyFrom(Values.Uniform(model.Parameters.Values.Shape.Length, 1));
        using PictureRunner tiles = new(model, tile), whole = new(model, 100);
        var picture = Values.Uniform(13 * 10, 2);
        Assert.That(tiles.Run(picture, 13, 10), Is.EqualTo(whole.Run(picture, 13, 10)));
    }

    [Test]
    public void StreamedRowsMakeTheWholePicture()
    {
        using var host = new HostBackend(1);
        using var reference = new ReferenceBackend();
        using Model streamed = new(new BranchesConfig(), 2, host), whole = new(new BranchesConfig(), 2, reference);
        foreach (var model in (Model[])[streamed, whole]) model.Parameters.Values.CopyFrom(Values.Uniform(model.Parameters.Values.Shape.Length, 1));
        using PictureRunner rows = new(streamed, 4), tile = new(whole, 100);
        var picture = Values.Uniform(13 * 10, 2);
        Compare.Close(rows.Run(picture, 13, 10), tile.Run(picture, 13, 10), 200, "picture");
    }

    [Test]
    public void PassesOfDifferentSizesShareTheirMemory()
    {
        using var host = new HostBackend(1);
        using var model = new Model(new BranchesConfig(), 2, host);
        model.Parameters.Values.CopyFrom(Values.Uniform(model.Parameters.Values.Shape.Length, 1));
        model.Inference.Prepare(model.Parameters);
        using var used = new Workspace(model.Inference, model.Parameters);
        foreach (var side in (int[])[9, 14, 7, 14, 9])
        {
            using var input = host.Allocate(new Shape(1, side, side, 1));
            input.CopyFrom(Values.Uniform(input.Shape.Length, side));
            using var fresh = new Workspace(model.Inference, model.Parameters);
            Assert.That(used.Forward(input).ToArray(), Is.EqualTo(fresh.Forward(input).ToArray()), $"{side}");
        }
    }
}

/// <summary>No chain: maps with several readers, a ReLU, slopes and a sigmoid that stand alone, a map added to itself.</summary>
internal sealed record BranchesConfig(int Channels = 1, PaddingMode Border = PaddingMode.Zero) : NetworkConfig
{
    public override string Name => "branches";

    public override int Channels { get; init; } = Channels;

    public override NetworkInput Input => NetworkInput.LowResolution;

    public override Map Build(Map picture, int scale)
    {
        var head = picture.Conv2d("head", 4, 3, Border).Relu();
        var left = head.Conv2d("left", 4, 3, Border);
        var right = head.Conv2d("right", 4, 1, Border).Sigmoid().Conv2d("more", 4, 1).PRelu("prelu1");
        var sum = (left + right).Relu();
        var twice = (sum + head).PRelu("prelu2", shared: true);
        return (twice + twice).ConvTranspose2d("deconv", Channels, 3 * scale, scale, scale, Border);
    }
}
