using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;
using Srcnn.Tests.Kernels;

namespace Srcnn.Tests.Upscaling;

public sealed class PictureRunnerTests
{
    private static readonly (int Height, int Width)[] Sizes = [(1, 1), (1, 23), (19, 1), (17, 29)];

    [Test]
    public void TheResultIsThatOfTheWholePictureForAnyTile(
        [Values("reference", "host")] string name, [Values(1, 3)] int channels, [Values] PaddingMode border)
    {
        using var backend = Require.Backend(name);
        using var model = Model(backend, channels, border);
        foreach (var (height, width) in Sizes)
        {
            var picture = Values.Uniform(height * width * channels, 4);
            DoesNotDependOnTiles(model, picture, height, width, Algorithm.Auto, 1, 5, 16, 1000, int.MaxValue);
        }
    }

    private static readonly object[] Others =
    [
        new object[] { new FsrcnnConfig(5, 3, 2), 3 },
        new object[] { new FsrcnnConfig(5, 3, 1, 3, PaddingMode.Zero), 2 },
        new object[] { new FsrcnnConfig(15, 3, 1, SharedSlopes: true), 4 },
        new object[] { new VdsrConfig(4, 5, Border: PaddingMode.Zero), 2 },
        new object[] { new VdsrConfig(3, 4, 3), 2 },
    ];

    [TestCaseSource(nameof(Others))]
    public void NetworksThatEnlargeOrSkipDoNotDependOnTilesEither(NetworkConfig network, int scale)
    {
        foreach (var name in new[] { "reference", "host" })
        {
            using var backend = Require.Backend(name);
            using var model = new Model(network, scale, backend);
            model.Parameters.Values.CopyFrom(Values.Uniform(model.Parameters.Values.Shape.Length, 1));
            foreach (var (height, width) in Sizes)
            {
                var picture = Values.Uniform(height * width * network.Channels, 4);
                foreach (var algorithm in new[] { Algorithm.Direct, Algorithm.Fast }) DoesNotDependOnTiles(model, picture, height, width, algorithm, 1, 5, 1000);
            }
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void HostGivesTheSameBitsForAnyNumberOfThreads(int threads)
    {
        using HostBackend one = new(1), many = new(threads);
        using Model expected = Model(one, 1, PaddingMode.Replicate), actual = Model(many, 1, PaddingMode.Replicate);
        using var runner = new PictureRunner(actual, 8);
        var picture = Values.Uniform(37 * 41, 5);
        // Twice: the second time every worker finds the tensors of another tile.
        using var alone = new PictureRunner(expected);
        for (var time = 0; time < 2; time++) Assert.That(runner.Run(picture, 37, 41), Is.EqualTo(alone.Run(picture, 37, 41)));
    }

    [TestCase("ilgpu-cpu")]
    [TestCase("opencl")]
    [TestCase("cuda")]
    public void DevicesAgreeWithTheReferenceWhateverTheTile(string name)
    {
        using IBackend backend = Require.Backend(name), reference = new ReferenceBackend();
        using Model actual = Model(backend, 1, PaddingMode.Replicate), expected = Model(reference, 1, PaddingMode.Replicate);
        var picture = Values.Uniform(11 * 13, 4);
        foreach (var tile in new[] { 6, 0 })
        {
            using var runner = new PictureRunner(actual, tile);
            Compare.Close(runner.Run(picture, 11, 13), Whole(expected, picture, 11, 13), (5 * 5) + 6 + (9 * 4), $"tiles of {tile}");
        }
    }

    [Test]
    public void APictureOfAnotherSizeIsRefused()
    {
        using var backend = new HostBackend(1);
        using var model = Model(backend, 1, PaddingMode.Zero);
        using var runner = new PictureRunner(model);
        Assert.Throws<ArgumentException>(() => runner.Run(new float[5], 2, 3));
    }

    /// <summary>The same bits for every tile; and the numbers of the layers run one by one, of which host sums some in another order.</summary>
    private static void DoesNotDependOnTiles(Model model, float[] picture, int height, int width, Algorithm algorithm, params int[] tiles)
    {
        using var single = new PictureRunner(model, tile: 0, algorithm);
        var expected = single.Run(picture, height, width);
        var layers = Whole(model, picture, height, width);
        if (model.Backend is HostBackend) Compare.Close(expected, layers, 100, $"{height}×{width}, layer by layer");
        else Assert.That(expected, Is.EqualTo(layers), $"{height}×{width}, layer by layer");
        foreach (var tile in tiles)
        {
            using var runner = new PictureRunner(model, tile, algorithm);
            Assert.That(runner.Run(picture, height, width), Is.EqualTo(expected), $"{model.Backend.Name}, {height}×{width} in tiles of {tile}");
        }
    }

    private static Model Model(IBackend backend, int channels, PaddingMode border)
    {
        var model = new Model(new SrcnnConfig(5, 1, 3, 6, 4, channels, border), 2, backend);
        model.Parameters.Values.CopyFrom(Values.Uniform(model.Parameters.Values.Shape.Length, 1));
        return model;
    }

    private static float[] Whole(Model model, float[] picture, int height, int width)
    {
        using var workspace = new Workspace(model.Inference, model.Parameters);
        using var input = model.Backend.Allocate(new Shape(1, height, width, model.Network.Channels));
        input.CopyFrom(picture);
        model.Inference.Prepare(model.Parameters);
        return workspace.Forward(input).ToArray();
    }
}
