using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Imaging;
using Srcnn.Tests.Kernels;
using Srcnn.Tests.Training;

namespace Srcnn.Tests.Networks;

/// <summary>SRResNet: its sizes as the paper and re-implementations have them, training by batch statistics, and weights of others.</summary>
public sealed class SrResNetConfigTests
{
    [TestCase(4, false, 1_550_659)]
    [TestCase(4, true, 1_549_462)]
    [TestCase(2, true, 1_401_749)]
    [TestCase(8, true, 1_697_175)]
    public void ItHasTheParametersOfThePaper(int scale, bool sharedSlopes, int parameters)
    {
        using var backend = new ReferenceBackend();
        using var model = new Model(new SrResNetConfig(SharedSlopes: sharedSlopes), scale, backend);
        Assert.Multiple(() =>
        {
            Assert.That(model.Parameters.Count, Is.EqualTo(parameters));
            Assert.That(model.Inference.Scale, Is.EqualTo(scale));
            Assert.That(model.Inference.Output(new Shape(1, 7, 5, 3)), Is.EqualTo(new Shape(1, 7 * scale, 5 * scale, 3)));
        });
    }

    [Test]
    public void ReachAndCostAreThoseOfThePaper()
    {
        var graph = new Graph(new SrResNetConfig().Build(Map.Picture(3), 4), training: false);
        // 9×9, 33 of 3×3, the first sub-pixel layer, half of the second's and a quarter of the tail's: 80 pixels across.
        Assert.That(graph.Radius, Is.EqualTo(40));
        // 2.218 million multiply–adds for a pixel of the input; skips are counted beside.
        Assert.That(graph.Flops(new Shape(1, 100, 100, 3)) / 1e4 / 2 / 1e6, Is.EqualTo(2.218).Within(0.1).Percent);
    }

    [TestCase("srresnet", 16, 64)]
    [TestCase("srresnet-5-32", 5, 32)]
    public void NamesSayTheSizes(string name, int blocks, int filters) => Assert.That(NetworkCatalog.Parse(name), Is.EqualTo(new SrResNetConfig(blocks, filters)));

    [TestCase("srresnet-16-64", Description = "it has a name")]
    [TestCase("srresnet-05-32")]
    [TestCase("srresnet-0-32")]
    public void OtherNamesAreUnknown(string name) => Assert.That(() => NetworkCatalog.Parse(name), Throws.InstanceOf<UnknownNetworkException>());

    [Test]
    public void PicturesAreMadeByRunningStatisticsFoldedIntoTheConvolutions([Values(1, 3, 100)] int tile, [Values(2, 3, 4)] int scale)
    {
        using var host = new HostBackend(2);
        using var reference = new ReferenceBackend();
        using Model fast = Model(host, scale), plain = Model(reference, scale);
        var picture = Values.Uniform(9 * 8 * 3, 5);
        using PictureRunner rows = new(fast, tile), tiles = new(plain, tile), whole = new(plain, 100);
        var expected = whole.Run(picture, 9, 8);
        Compare.Close(rows.Run(picture, 9, 8), expected, 500, "picture");
        Assert.That(tiles.Run(picture, 9, 8), Is.EqualTo(expected));

        static Model Model(IBackend backend, int scale)
        {
            var model = new Model(new SrResNetConfig(1, 16), scale, backend);
            model.Parameters.Values.CopyFrom(Array.ConvertAll(Values.Uniform(model.Parameters.Values.Shape.Length, 1), v => v / 4));
            foreach (var variance in model.Parameters.Parameters.Where(p => p.Name.EndsWith("running_var", StringComparison.Ordinal)))
                model.Parameters.Value(variance).CopyFrom([.. Values.Uniform(16, 2).Select(v => 1 + (v / 2))]);
            return model;
        }
    }

    [Test]
    public void FoldingChangesNothing()
    {
        using var reference = new ReferenceBackend();
        var picture = Map.Picture(3);
        var conv = picture.Conv2d("a", 5, 3);
        var folded = new Graph(conv.BatchNorm("bn").PRelu("slopes"), training: false);
        // A second reader keeps the convolution apart from its norm.
        var unfolded = new Graph(conv.BatchNorm("bn").PRelu("slopes") + conv.Conv2d("zero", 5, 1), training: false);
        Assert.That((folded.Maps.Count, unfolded.Maps.Count), Is.EqualTo((2, 6)));
        using var parameters = new ParameterStore(reference, unfolded.Parameters);
        parameters.Values.CopyFrom(Array.ConvertAll(Values.Uniform(parameters.Values.Shape.Length, 1), v => 0.1f + Math.Abs(v)));
        foreach (var zero in parameters.Parameters.Where(p => p.Name.StartsWith("zero", StringComparison.Ordinal))) reference.Fill(parameters.Value(zero), 0);
        using var input = reference.Allocate(new Shape(1, 6, 5, 3));
        input.CopyFrom(Values.Uniform(input.Shape.Length, 2));
        Assert.That(Run(folded), Is.EqualTo(Run(unfolded)).Within(1e-5));

        float[] Run(Graph graph)
        {
            graph.Prepare(parameters);
            using var workspace = new Workspace(graph, parameters);
            return workspace.Forward(input).ToArray();
        }
    }

    [Test]
    public void SubPixelWeightsStandInFilesAsPyTorchHasThem()
    {
        // Two channels of a 2×2 block: on a backend pixel by pixel, (0,0) c0 c1, (0,1) c0 c1, …; in a file c0's four pixels, then c1's.
        var bias = new Parameter("bias", Shape.Vector(8), Initializers.Zero, Block: 2);
        Assert.That(bias.ToFile([0, 10, 1, 11, 2, 12, 3, 13]), Is.EqualTo(new float[] { 0, 1, 2, 3, 10, 11, 12, 13 }));
        Assert.That(bias.FromFile(bias.ToFile([0, 10, 1, 11, 2, 12, 3, 13])), Is.EqualTo(new float[] { 0, 10, 1, 11, 2, 12, 3, 13 }));
    }

    [TestCase(2)]
    [TestCase(4)]
    public void TrainingGivesTheSameBitsForAnyNumberOfThreads(int threads)
    {
        using var folder = new TemporaryFolder();
        using HostBackend one = new(1), more = new(threads);
        var config = Runs.Config(Runs.Pictures(folder)) with { Rates = new Dictionary<string, double>(), Network = "srresnet-1-8", Channels = 3, Scale = 2, Steps = 6, Batch = 5, Patch = 8, LogEvery = 3, SaveEvery = 3 };
        Trainer.Run(config, folder.File("one"), one);
        Trainer.Run(config, folder.File("more"), more);
        Runs.AssertEqual(folder.File("one"), folder.File("more"));
        // Resumed in the middle, it ends there too: running statistics are part of a checkpoint.
        Trainer.Run(config with { Steps = 3, Schedule = Schedule.Constant }, folder.File("half"), one);
        Trainer.Run(config with { Schedule = Schedule.Constant }, folder.File("whole"), one);
        Trainer.Run(config with { Schedule = Schedule.Constant }, folder.File("half"), one, resume: true);
        Runs.AssertEqual(folder.File("half"), folder.File("whole"));
    }

    [Test]
    public void RunningStatisticsFollowTheBatches()
    {
        using var folder = new TemporaryFolder();
        using var host = new HostBackend(1);
        var config = Runs.Config(Runs.Pictures(folder)) with { Rates = new Dictionary<string, double>(), Network = "srresnet-1-8", Channels = 3, Scale = 2, Steps = 40, Batch = 4, Patch = 8, Lr = 1e-9, LogEvery = 40, SaveEvery = 40 };
        var result = Trainer.Run(config, folder.File("run"), host);
        var tensors = ModelFile.Load(result.ModelPath).Tensors.ToDictionary(t => t.Name);
        // The weights hardly moved: after 40 steps 0.9⁴⁰, 1.5 %, is left of where the statistics began, and pictures come out as training saw them.
        Assert.That(tensors["block1.bn1.running_mean"].Values, Is.All.Not.Zero);
        Assert.That(tensors["block1.bn1.running_var"].Values, Is.All.Not.EqualTo(1).And.All.Positive);
    }
}
