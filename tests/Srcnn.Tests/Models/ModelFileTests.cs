using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Models;

public sealed class ModelFileTests : FolderTests
{
    [Test]
    public void AModelReadsBackAsSaved()
    {
        var file = Fresh() with { Training = """{"steps":"10"}""", Psnr = 32.5 };
        file.Save(folder.File("model.safetensors"));
        var back = ModelFile.Load(folder.File("model.safetensors"));
        Assert.Multiple(() =>
        {
            Assert.That(back with { Tensors = [] }, Is.EqualTo(file with { Tensors = [] }));
            Assert.That(back.Tensors.Select(t => t.Name), Is.EqualTo(file.Tensors.Select(t => t.Name)));
            Assert.That(back.Tensors.SelectMany(t => t.Values), Is.EqualTo(file.Tensors.SelectMany(t => t.Values)));
        });
        using var backend = new HostBackend(1);
        using var model = new Model(back, backend);
        Assert.That(model.Save().SelectMany(t => t.Values), Is.EqualTo(file.Tensors.SelectMany(t => t.Values)));
    }

    [TestCase("format", "srcnn/2", "format 'srcnn/2'")]
    [TestCase("format", null, "format 'not stated'")]
    [TestCase("network", "vgg-19", "network 'vgg-19'")]
    [TestCase("network", null, "network ''")]
    [TestCase("network", "srcnn-9-1-5", "with the configuration of srcnn-3-1-3")]
    [TestCase("config", "{}", "with the configuration of srcnn-9-1-5")]
    [TestCase("config", """{"f1":3,"f2":1,"f3":3,"n1":0}""", "0 and 32 filters")]
    [TestCase("config", """{"f1":3,"f2":1,"f3":3,"channels":-1}""", "-1 channels")]
    [TestCase("config", """{"f1":3,"f2":1,"f3":3,"n1":2147483647}""", "2147483647")]
    [TestCase("config", """{"n9":1}""", "n9")]
    [TestCase("config", "[", "unusable configuration")]
    [TestCase("scale", "three", "scale 'three'")]
    [TestCase("scale", "0", "scale '0'")]
    [TestCase("scale", "-3", "scale '-3'")]
    [TestCase("scale", "3.5", "scale '3.5'")]
    [TestCase("scale", "99999999999", "scale '99999999999'")]
    [TestCase("scale", null, "scale 'not stated'")]
    public void ALieIsNamed(string key, string? value, string named)
    {
        var file = Fresh().ToSafetensors();
        var metadata = new Dictionary<string, string>(file.Metadata);
        if (value is null) metadata.Remove(key);
        else metadata[key] = value;
        var error = Assert.Throws<ModelException>(() => ModelFile.From(new SafetensorsFile(file.Tensors, metadata), "the.file"));
        Assert.That(error!.Message, Does.StartWith("the.file: ").And.Contains(named).And.Not.Contains("\n"));
    }

    [Test]
    public void EveryTensorThatDoesNotFitIsListedInOneMessage()
    {
        var file = Fresh().ToSafetensors();
        var tensors = file.Tensors.Where(t => t.Name != "conv1.bias").ToList();
        tensors[0] = new NamedTensor("conv1.weight", [4, 1, 1, 1], new float[4]);
        tensors.Add(new NamedTensor("conv4.bias", [1], [0]));
        var error = Assert.Throws<ModelException>(() => ModelFile.From(new SafetensorsFile(tensors, file.Metadata), "the.file"));
        Assert.That(error!.Message, Does.Contain("conv1.weight is [4, 1, 1, 1] instead of [4, 1, 3, 3]")
            .And.Contains("conv1.bias is missing").And.Contains("'conv4.bias' is unknown"));
    }

    [Test]
    public void AScoreThatIsNoNumberIsNotBelieved()
    {
        var file = Fresh().ToSafetensors();
        var metadata = new Dictionary<string, string>(file.Metadata) { ["psnr"] = "NaN" };
        Assert.That(ModelFile.From(new SafetensorsFile(file.Tensors, metadata), "the.file").Psnr, Is.Null);
    }

    [TestCase("2,3,4")]
    [TestCase("3")]
    public void AModelMayServeSeveralScales(string scales)
    {
        var file = Fresh() with { Scales = Scales.Parse(scales)! };
        var back = ModelFile.From(file.ToSafetensors(), "the.file");
        Assert.That(back.Scales.ToString(), Is.EqualTo(scales));
        Assert.That(back.Scales, Is.EqualTo(file.Scales));
        using var backend = new HostBackend(1);
        using var model = new Model(back, backend, 3);
        Assert.That(model.Scale, Is.EqualTo(3));
        Assert.That(() => new Model(back, backend, 5), Throws.ArgumentException);
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("2,,3")]
    [TestCase("2;3")]
    [TestCase("17")]
    public void OtherScalesAreRefused(string scales)
    {
        var file = Fresh().ToSafetensors();
        var metadata = new Dictionary<string, string>(file.Metadata) { ["scale"] = scales };
        Assert.That(() => ModelFile.From(new SafetensorsFile(file.Tensors, metadata), "the.file"), Throws.InstanceOf<ModelException>().With.Message.Contains("scale"));
    }

    private static ModelFile Fresh()
    {
        using var backend = new HostBackend(1);
        using var model = new Model(new SrcnnConfig(3, 1, 3, 4, 2), 3, backend);
        model.Parameters.Initialize(1);
        return new ModelFile(model.Network, 3, model.Save());
    }
}
