using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Networks;

public sealed class VdsrConfigTests
{
    [Test]
    public void ParametersAreAsManyAsThePaperSays()
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(NetworkCatalog.Parse("vdsr"), 3, backend);
        Assert.Multiple(() =>
        {
            Assert.That(model.Parameters.Count, Is.EqualTo(665_921));
            Assert.That(model.Inference.Radius, Is.EqualTo(20), "a field of 41×41");
            Assert.That(model.Training.Output(new Shape(1, 41, 41, 1)), Is.EqualTo(new Shape(1, 41, 41, 1)));
        });
    }

    [TestCase("vdsr-20-64")]
    [TestCase("vdsr-1-64")]
    [TestCase("vdsr-8")]
    [TestCase("vdsr8")]
    public void OtherNamesAreUnknown(string name) =>
        Assert.That(() => NetworkCatalog.Parse(name), Throws.TypeOf<UnknownNetworkException>().With.Message.Contains($"'{name}'"));

    [Test]
    public void JsonReadsBackAsWritten()
    {
        var config = new VdsrConfig(8, 32, 3, PaddingMode.Replicate);
        Assert.That(NetworkCatalog.FromJson("vdsr-8-32", NetworkCatalog.ToJson(config)), Is.EqualTo(config));
    }

    [Test]
    public void ADepthOfNothingIsRefused() => Assert.That(() => NetworkCatalog.FromJson("vdsr", """{"depth":1}"""), Throws.TypeOf<JsonException>());
}
