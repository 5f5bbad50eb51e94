using System.Globalization;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

NetworkCatalog.Register("blocks-BLOCKS-FILTERS", BlocksConfig.Parse);

var config = new TrainingConfig
{
    Network = "blocks-2-16",
    Scale = 2,
    Data = ["pictures"], // every tenth is held out to validate
    Steps = 300,
    Batch = 16,
    Patch = 24,
    Lr = 2e-3,
    Schedule = Schedule.Cosine,
    Warmup = 20,
    SaveEvery = 100,
};
using var backend = Backend.Open("auto");
var result = Trainer.Run(config, run: "blocks", backend);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.BestPsnr:F2} dB, bicubic {result.BicubicPsnr:F2} dB"));

using var upscaler = Upscaler.Open(result.ModelPath);
upscaler.Upscale("small.png", "large.png");

/// <summary>Residual blocks (arXiv:1707.02921) predict what the bicubic enlargement lacks.</summary>
internal sealed record BlocksConfig(int Blocks, int Filters, int Channels = 1) : NetworkConfig
{
    public override string Name => $"blocks-{Blocks}-{Filters}";

    public override int Channels { get; init; } = Channels;

    public override Map Build(Map picture, int scale) => picture + picture
        .Conv2d("head", Filters, kernel: 3).Relu()
        .Repeat(1, Blocks, (x, i) => x + x
            .Conv2d($"block{i}a", Filters, 3).Relu()
            .Conv2d($"block{i}b", Filters, 3, start: Initializers.Gaussian(0.01f)))
        .Conv2d("tail", Channels, 3, start: Initializers.Gaussian(0.001f)); // begins at bicubic's quality

    public static BlocksConfig? Parse(string name) =>
        name.Split('-') is ["blocks", var blocks, var filters] && int.TryParse(blocks, out var b) && int.TryParse(filters, out var f)
            ? new(b, f) : null;
}
