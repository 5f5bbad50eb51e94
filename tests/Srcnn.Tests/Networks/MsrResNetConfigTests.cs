using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Networks;

public sealed class MsrResNetConfigTests
{
    [TestCase(2, 1_369_859)]
    [TestCase(3, 1_554_499)]
    [TestCase(4, 1_517_571)]
    public void ItHasTheParametersOfBasicSr(int scale, int parameters)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(NetworkCatalog.Parse("msrresnet"), scale, backend);
        Assert.That(model.Parameters.Count, Is.EqualTo(parameters));
        Assert.That(model.Inference.Output(new Shape(1, 7, 5, 3)), Is.EqualTo(new Shape(1, 7 * scale, 5 * scale, 3)));
    }

    [Test]
    public void RowsTilesAndTheWholePictureAgree([Values(2, 3)] int scale, [Values(1, 5)] int tile)
    {
        using var host = new HostBackend(2);
        using var reference = new ReferenceBackend();
        using Model fast = new(new MsrResNetConfig(1, 16), scale, host), plain = new(new MsrResNetConfig(1, 16), scale, reference);
        foreach (var model in (Model[])[fast, plain]) model.Parameters.Values.CopyFrom(Array.ConvertAll(Values.Uniform(model.Parameters.Values.Shape.Length, 1), v => v / 8));
        var picture = Values.Uniform(9 * 8 * 3, 5);
        using PictureRunner rows = new(fast, tile), tiles = new(plain, tile), whole = new(plain, 100);
        var expected = whole.Run(picture, 9, 8);
        Assert.That(tiles.Run(picture, 9, 8), Is.EqualTo(expected));
        Compare.Close(rows.Run(picture, 9, 8), expected, 300, "picture");
    }
}
