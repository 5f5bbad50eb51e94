using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Models;

/// <summary>The names that stand for sizes of the default family.</summary>
public sealed class DefaultFamilyTests
{
    [Test]
    public void ASizeIsAModelAtEveryScale([ValueSource(nameof(Sizes))] string size, [Values(2, 3, 4)] int scale)
    {
        var file = ModelCatalog.Resolve(size, scale);
        Assert.Multiple(() =>
        {
            Assert.That(file.Scales, Is.EqualTo(new Scales(scale)));
            Assert.That(file.Network.Name, Does.StartWith("compact-"));
            Assert.That(file.Class, Is.EqualTo(ModelClass.Faithful));
            Assert.That(ModelCatalog.Names, Does.Contain($"{file.Network.Name}-x{scale}"));
        });
    }

    [Test]
    public void ALargerSizeHasNoFewerParameters([Values(2, 3, 4)] int scale) =>
        Assert.That(Sizes.Select(size => ModelCatalog.Resolve(size, scale).Tensors.Sum(t => t.Values.Length)), Is.Ordered);

    [Test]
    public void GoodIsWhatIsTakenWhereNothingIsNamed()
    {
        UpscalerOptions host = new() { Device = "host", Scale = 6 };
        using Upscaler unnamed = Upscaler.Open(options: host), good = Upscaler.Open("good", host), fast = Upscaler.Open("fast", host);
        Assert.That((unnamed.Name, unnamed.Scale), Is.EqualTo((good.Name, 6)));
        Assert.That(fast.Name, Is.Not.EqualTo(good.Name));
        Assert.That(ModelChain.ScaleFor("fast", 5), Is.EqualTo(6));
    }

    [Test]
    public void TheBytesBehindASizeAreThoseOfItsModel()
    {
        using Stream size = ModelCatalog.Open("good"), model = ModelCatalog.Open($"{ModelCatalog.Resolve("good").Network.Name}-x{ModelChain.DefaultScale}");
        Assert.That(size.Length, Is.EqualTo(model.Length));
    }

    [Test]
    public void AScaleThatASizeDoesNotMakeIsToldThoseItMakes() =>
        Assert.That(() => ModelCatalog.Resolve("good", 5), Throws.TypeOf<UnknownModelException>().With.Message.Contains("no model 'good' for scale 5").And.Message.Contains("2, 3, 4, 6"));

    private static IEnumerable<string> Sizes => ModelCatalog.SizeNames;
}
