using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Networks;

public sealed class CompactConfigTests
{
    [TestCase("compact-11-16", 2, 27_713)] // SESR-M11's size
    [TestCase("compact-11-16", 3, 29_713)]
    [TestCase("compact-5-16", 4, 18_497)]
    [TestCase("compact-1-1", 1, 63)]
    public void ParametersAreCountedAtTheirScale(string name, int scale, int expected)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(NetworkCatalog.Parse(name), scale, backend);
        Assert.That(model.Parameters.Count, Is.EqualTo(expected));
        Assert.That(model.Network.Name, Is.EqualTo(name));
        Assert.That(model.Inference.Output(new Shape(1, 7, 5, 1)), Is.EqualTo(new Shape(1, 7 * scale, 5 * scale, 1)));
    }

    [TestCase("compact-0-16")]
    [TestCase("compact-11-016")]
    [TestCase("compact-11")]
    [TestCase("compact")]
    public void OtherNamesAreUnknown(string name) =>
        Assert.That(() => NetworkCatalog.Parse(name), Throws.TypeOf<UnknownNetworkException>().With.Message.Contains($"'{name}'"));

    [Test]
    public void AFileOfAnyScaleReadsBack([Values(2, 3, 4)] int scale)
    {
        var file = Fresh(new CompactConfig(2, 3), scale);
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"compact-x{scale}.safetensors");
        file.Save(path);
        Assert.That(ModelFile.Load(path).Tensors.Select(t => t.ShapeText), Is.EqualTo(file.Tensors.Select(t => t.ShapeText)));
        File.Delete(path);
    }

    [TestCase(1, 2)]
    [TestCase(2, 3)]
    [TestCase(3, 9)]
    [TestCase(4, 4)]
    public void ADeeperNetworkBeginsAsTheShallowOne(int shallow, int deep)
    {
        var start = Fresh(new CompactConfig(shallow, 4), 3);
        var to = new CompactConfig(deep, 4);
        Assert.That(Output(new ModelFile(to, 3, ModelFile.InOrder(to, 3, to.GrowFrom(start, 3), "grown"))), Is.EqualTo(Output(start)).Within(1e-12));
    }

    [TestCase(2, 3)]
    [TestCase(3, 4)]
    [TestCase(4, 2)]
    public void AnotherScaleBeginsWithTheSamePictureRescaled(int before, int after)
    {
        // A kernel that is the same tent around its pixel at every scale.
        var network = new CompactConfig(2, 3);
        var start = Fresh(network, before);
        var tent = start.Tensors.Select(t => t.Name == "deconv.weight" ? t with { Values = Tent(before) } : t).ToList();
        var grown = ModelFile.InOrder(network, after, network.GrowFrom(start with { Tensors = tent }, after), "rescaled").Single(t => t.Name == "deconv.weight");
        Assert.That(grown.Values, Is.EqualTo(Tent(after)).Within(0.5 / before), "between two old taps a tent is linear but for its top");

        static float[] Tent(int scale)
        {
            var side = 5 * scale;
            float[] row = [.. Enumerable.Range(0, side).Select(r => 2.5f - Math.Abs(((r + 0.5f) / scale) - 2.5f))];
            float[] plane = [.. row.SelectMany(r => row.Select(s => r * s / 6.25f))];
            return [.. plane, .. plane, .. plane];
        }
    }

    [Test]
    public void ANetworkOfOtherFiltersIsNoStart()
    {
        var narrow = Fresh(new CompactConfig(3, 2), 3);
        var wide = new CompactConfig(5, 4);
        Assert.That(() => ModelFile.InOrder(wide, 3, wide.GrowFrom(narrow, 3), "narrow"), Throws.TypeOf<ModelException>());
    }

    private static ModelFile Fresh(CompactConfig network, int scale)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(network, scale, backend);
        model.Parameters.Initialize(1);
        return new ModelFile(network, scale, model.Save());
    }

    private static float[] Output(ModelFile file)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(file, backend);
        using var workspace = new Workspace(model.Inference, model.Parameters);
        using var input = backend.Allocate(new Shape(1, 11, 7, 1));
        input.CopyFrom(Values.Uniform(input.Shape.Length, 3));
        model.Inference.Prepare(model.Parameters);
        return workspace.Forward(input).ToArray();
    }
}
