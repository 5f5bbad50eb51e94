using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Models;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Tests.Stress;

/// <summary>Every model that comes with the program keeps what its file promises, on pictures that nobody trained on.</summary>
public sealed class ShippedModelTests
{
    private static IEnumerable<object[]> Models() =>
        from name in ModelCatalog.Names from scale in Enumerable.Range(2, 3) where ModelCatalog.Resolve(name).Scales.Contain(scale) select new object[] { name, scale };

    [TestCaseSource(nameof(Models))]
    public void KeepsItsClass(string name, int scale)
    {
        Assert.That(ModelCatalog.Resolve(name).Class, Is.Not.Null, "its file states no class");
        using var upscaler = Upscaler.Open(name, new UpscalerOptions { Device = "host", Scale = scale });
        var evaluation = StressEvaluation.Run(upscaler, name, ModelCatalog.Resolve(name).Class, StressPictures.All());
        Assert.That(evaluation.Misses(), Is.Empty);
    }
}
