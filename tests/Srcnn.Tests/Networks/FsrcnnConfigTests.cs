using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Networks;

public sealed class FsrcnnConfigTests
{
    // The paper's table counts the weights alone.
    [TestCase("fsrcnn", 12_464)]
    [TestCase("fsrcnn-s", 3_937)]
    public void WeightsAreAsManyAsThePaperSays(string name, int weights)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(NetworkCatalog.Parse(name), 3, backend);
        Assert.That(model.Network.Name, Is.EqualTo(name));
        Assert.That(model.Parameters.Parameters.Where(p => p.Name.EndsWith("weight", StringComparison.Ordinal)).Sum(p => p.Shape.Length), Is.EqualTo(weights));
    }

    [Test]
    public void WhatIsTrainedIsTheInteriorAndWhatIsRunTheWholePicture([Values(2, 3, 4)] int scale)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(new FsrcnnConfig(), scale, backend);
        Assert.Multiple(() =>
        {
            Assert.That(model.Inference.Output(new Shape(1, 20, 31, 1)), Is.EqualTo(new Shape(1, 20 * scale, 31 * scale, 1)));
            Assert.That(model.Inference.Scale, Is.EqualTo(scale));
            Assert.That(model.Training.Output(new Shape(2, 32, 32, 1), model.TrainingEdges).H, Is.EqualTo((32 - (2 * model.Training.Radius)) * scale));
        });
    }

    [TestCase("fsrcnn-56-12-4")]
    [TestCase("fsrcnn-32-5")]
    [TestCase("fsrcnn-032-5-2")]
    [TestCase("fsrcnn-0-5-2")]
    [TestCase("fsrcnn-x")]
    [TestCase("FSRCNN")]
    public void OtherNamesAreUnknown(string name) =>
        Assert.That(() => NetworkCatalog.Parse(name), Throws.TypeOf<UnknownNetworkException>().With.Message.Contains($"'{name}'"));

    [Test]
    public void JsonReadsBackAsWritten([Values(null, 2)] int? offset)
    {
        var config = new FsrcnnConfig(20, 7, 2, 3, PaddingMode.Zero, true, offset);
        Assert.That(NetworkCatalog.FromJson(config.Name, NetworkCatalog.ToJson(config)), Is.EqualTo(config));
    }

    [TestCase("""{"d":0}""")]
    [TestCase("""{"m":-1}""")]
    [TestCase("""{"offset":9}""")]
    [TestCase("""{"channels":2}""")]
    [TestCase("""{"d":null}""")]
    public void ImpossibleSizesAreRefused(string json) =>
        Assert.That(() => NetworkCatalog.FromJson("fsrcnn", json), Throws.TypeOf<JsonException>());
}
