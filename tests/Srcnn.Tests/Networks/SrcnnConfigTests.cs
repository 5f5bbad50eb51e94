using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Networks;

public sealed class SrcnnConfigTests
{
    // Biases are 64 + 32 + 1 of them; the paper's table counts 8 032 weights for 9-1-5.
    [TestCase("srcnn-9-1-5", 8_129, 21)]
    [TestCase("srcnn-9-3-5", 24_513, 19)]
    [TestCase("srcnn-9-5-5", 57_281, 17)]
    public void SizesAreThoseOfThePaper(string name, int parameters, int patch)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(NetworkCatalog.Parse(name), 3, backend);
        Assert.Multiple(() =>
        {
            Assert.That(model.Network.Name, Is.EqualTo(name));
            Assert.That(model.Parameters.Count, Is.EqualTo(parameters));
            Assert.That(model.Parameters.Parameters.Where(p => p.Name.EndsWith("weight", StringComparison.Ordinal)).Sum(p => p.Shape.Length), Is.EqualTo(parameters - 97));
            Assert.That(model.Training.Output(new Shape(2, 33, 33, 1), model.TrainingEdges), Is.EqualTo(new Shape(2, patch, patch, 1)));
            Assert.That(model.Inference.Output(new Shape(1, 20, 31, 1)), Is.EqualTo(new Shape(1, 20, 31, 1)));
            Assert.That(model.Inference.Radius, Is.EqualTo((33 - patch) / 2));
        });
    }

    [Test]
    public void FlopsOfAPatchAreCountedByHand()
    {
        var graph = new Graph(new SrcnnConfig().Build(Map.Picture(1), 3), training: true);
        Assert.That(graph.Flops(new Shape(1, 33, 33, 1), Edges.None), Is.EqualTo(2.0 * ((25 * 25 * 64 * 81) + (25 * 25 * 32 * 64) + (21 * 21 * 25 * 32))));
    }

    [TestCase("srcnn")]
    [TestCase("srcnn-9-1")]
    [TestCase("srcnn-9-1-4")]
    [TestCase("srcnn-0-1-5")]
    [TestCase("srcnn-9-1-33")]
    [TestCase("srcnn-9-1-99999999999")]
    [TestCase("srcnn-+9-1-5")]
    [TestCase("srcnn-09-1-5")]
    [TestCase("srcnn- 9-1-5")]
    [TestCase("srcnn-9-1-5-3")]
    [TestCase("SRCNN-9-1-5")]
    [TestCase("")]
    public void OtherNamesAreUnknown(string name) =>
        Assert.That(() => NetworkCatalog.Parse(name), Throws.TypeOf<UnknownNetworkException>().With.Message.Contains($"'{name}'"));

    [Test]
    public void JsonReadsBackAsWritten()
    {
        var config = new SrcnnConfig(7, 3, 5, 20, 10, 3, PaddingMode.Zero, SrcnnStart.Paper);
        var json = NetworkCatalog.ToJson(config);
        Assert.That(NetworkCatalog.FromJson(config.Name, json), Is.EqualTo(config));
        Assert.That(json, Does.Contain("\"f1\":7").And.Contain("\"border\":\"zero\"").And.Not.Contain("flaw").IgnoreCase);
    }

    [TestCase("""{"f4":1}""")]
    [TestCase("""{"n1":0}""")]
    [TestCase("""{"n2":-3}""")]
    [TestCase("""{"n1":2000000000}""")]
    [TestCase("""{"f1":4}""")]
    [TestCase("""{"channels":2}""")]
    [TestCase("""{"border":1}""")]
    [TestCase("""{"f1":1e99}""")]
    [TestCase("null")]
    [TestCase("")]
    public void UnknownKeysAndImpossibleSizesAreRefused(string json) =>
        Assert.That(() => NetworkCatalog.FromJson("srcnn-9-1-5", json), Throws.InstanceOf<JsonException>());
}
