using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Kernels;

namespace Srcnn.Tests.Networks;

/// <summary>Networks that are not of this assembly.</summary>
public sealed class NetworkCatalogTests
{
    private sealed record OneLayer(int Kernel, int? Border = null, int Channels = 1) : NetworkConfig
    {
        public override string Name => $"one-layer-{Kernel}";

        public override int Channels { get; init; } = Channels;

        public override Map Build(Map picture, int scale) => picture.Conv2d("conv1", Channels, Kernel, PaddingMode.Zero);

        public static OneLayer? Parse(string name) => name switch
        {
            "one-layer-3" => new OneLayer(3),
            "vdsr" => new OneLayer(5),
            _ => null,
        };
    }

    private sealed record Unwritable(double Width) : NetworkConfig
    {
        public override string Name => "unwritable";

        public override int Channels { get; init; } = 1;

        public override Map Build(Map picture, int scale) => throw new NotSupportedException();
    }

    [Test]
    public void ARegisteredNetworkIsKnownByNameAndReadBackFromFiles()
    {
        Assert.That(() => NetworkCatalog.Parse("one-layer-3"), Throws.InstanceOf<UnknownNetworkException>());
        NetworkCatalog.Register("one-layer-N", OneLayer.Parse);
        Assert.That(NetworkCatalog.Parse("one-layer-3"), Is.EqualTo(new OneLayer(3)));
        Assert.That(NetworkCatalog.Parse("vdsr"), Is.InstanceOf<VdsrConfig>(), "names of earlier families stay theirs");
        Assert.That(NetworkCatalog.Names, Does.EndWith("; one-layer-N"));

        var file = new ModelFile(new OneLayer(3), 2, [new NamedTensor("conv1.weight", [1, 1, 3, 3], new float[9]), new NamedTensor("conv1.bias", [1], new float[1])]);
        using var stream = new MemoryStream();
        file.ToSafetensors().Write(stream);
        stream.Position = 0;
        Assert.That(ModelFile.Read(stream, "one").Network, Is.EqualTo(file.Network));
    }

    [Test]
    public void SizesThatNoFileCouldHoldAreRefusedAtOnce() =>
        Assert.That(() => NetworkCatalog.Register("unwritable", _ => new Unwritable(1)), Throws.InstanceOf<NotSupportedException>().With.Message.Contains("Width is a Double"));
}
