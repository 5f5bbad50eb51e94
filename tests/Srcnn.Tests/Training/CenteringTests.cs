using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Tests.Training;

public sealed class CenteringTests
{
    private const float Center = 0.45f;

    private static readonly NetworkConfig[] Networks = [new SrcnnConfig(5, 3, 3, 7, 6), new SrcnnConfig(5, 3, 3, 7, 6, 3), new VdsrConfig(4, 7), new VdsrConfig(4, 7, 3)];

    [TestCaseSource(nameof(Networks))]
    public void TheFoldedNetworkIsTheCentredOneBordersIncluded(NetworkConfig network)
    {
        const int Side = 17;
        var channels = network.Channels;
        using var backend = new ReferenceBackend();
        using var centred = new Model(network, 3, backend);
        centred.Parameters.Initialize(3);
        var random = new Random(1);
        centred.Load([.. centred.Save().Select(t => t with { Values = [.. t.Values.Select(v => v + (0.3f * (random.NextSingle() - 0.5f)))] })]);
        using var plain = new Model(network, 3, backend);
        plain.Load(new Centering(network, Center).Fold(centred.Save()));

        var picture = Enumerable.Range(0, Side * Side * channels).Select(_ => random.NextSingle()).ToArray();
        var expected = Run(centred, [.. picture.Select(v => v - Center)]).Select(v => v + Center);
        // Sums of at most 75 terms of size one, in double but for weights and biases, which are rounded to float.
        Assert.That(Run(plain, picture), Is.EqualTo(expected.ToArray()).Within(1e-5f));

        float[] Run(Model model, float[] input)
        {
            using var runner = new PictureRunner(model);
            return runner.Run(input, Side, Side);
        }
    }

    [Test]
    public void UnfoldingTakesFoldingBack()
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(new SrcnnConfig(), 3, backend);
        model.Parameters.Initialize(1);
        var centering = new Centering(model.Network, Center);
        var back = centering.Unfold(centering.Fold(model.Save()));
        foreach (var (actual, expected) in back.Zip(model.Save())) Assert.That(actual.Values, Is.EqualTo(expected.Values).Within(1e-6), actual.Name);
    }

    [Test]
    public void FreshWeightsStartAtTheIdentityWhereverTheCentreIs()
    {
        using var backend = new ReferenceBackend();
        using var learner = new Learner(new TrainingConfig { Center = Center }, backend);
        learner.Start();
        using var runner = new PictureRunner(learner.Publish(0));
        var picture = Enumerable.Range(0, 400).Select(i => i / 400f).ToArray();
        // The other channels end in weights of deviation 0.001.
        Assert.That(runner.Run(picture, 20, 20), Is.EqualTo(picture).Within(0.05f));
    }

    [Test]
    public void ABorderOfZerosIsRefused() =>
        Assert.That(() => new Centering(new SrcnnConfig(Border: PaddingMode.Zero), Center), Throws.TypeOf<ConfigException>().With.Message.Contains("srcnn-9-1-5"));
}
