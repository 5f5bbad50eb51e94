using System.Text.Json;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

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
        var config = new VdsrConfig(8, 32, 3, PaddingMode.Zero);
        Assert.That(NetworkCatalog.FromJson("vdsr-8-32", NetworkCatalog.ToJson(config)), Is.EqualTo(config));
    }

    [TestCase(3, 4)]
    [TestCase(3, 9)]
    [TestCase(5, 6)]
    [TestCase(6, 20)]
    public void ADeeperNetworkBeginsAsTheShallowOne(int shallow, int deep)
    {
        using var backend = new ReferenceBackend();
        using var from = new Model(new VdsrConfig(shallow, 4), 3, backend);
        from.Parameters.Initialize(1);
        using var to = new Model(new VdsrConfig(deep, 4), 3, backend);
        to.Load(ModelFile.InOrder(to.Network, 3, to.Network.GrowFrom(new ModelFile(from.Network, 3, from.Save()), 3), "grown"));
        Assert.That(Output(to), Is.EqualTo(Output(from)));

        static float[] Output(Model model)
        {
            using var workspace = new Workspace(model.Inference, model.Parameters);
            using var input = model.Backend.Allocate(new Shape(1, 11, 7, 1));
            input.CopyFrom(Values.Uniform(input.Shape.Length, 3));
            return workspace.Forward(input).ToArray();
        }
    }

    [Test]
    public void ANetworkOfOtherFiltersIsNoStart()
    {
        using var backend = new ReferenceBackend();
        using var narrow = new Model(new VdsrConfig(3, 2), 3, backend);
        var wide = new VdsrConfig(5, 4);
        Assert.That(() => ModelFile.InOrder(wide, 3, wide.GrowFrom(new ModelFile(narrow.Network, 3, narrow.Save()), 3), "narrow"), Throws.TypeOf<ModelException>());
    }

    [Test]
    public void ADepthOfNothingIsRefused() => Assert.That(() => NetworkCatalog.FromJson("vdsr", """{"depth":1}"""), Throws.TypeOf<JsonException>());
}
