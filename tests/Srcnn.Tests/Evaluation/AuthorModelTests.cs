using Srcnn.Engine.Evaluation;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;
using Srcnn.Kernels;

namespace Srcnn.Tests.Evaluation;

/// <summary>The authors' own weights give the paper's own figures: file reader, network, padding, colours and protocol at once.</summary>
public sealed class AuthorModelTests
{
    [TestCase("host")]
    [TestCase("opencl")]
    [TestCase("cuda")]
    public void Srcnn915OnSet5(string device)
    {
        var shared = Require.Data();
        using var backend = Require.Backend(device);
        using var upscaler = Open(Path.Combine(shared, "author-models", "srcnn-9-1-5-91", "x3.mat"), backend);
        var evaluation = Evaluator.Run(upscaler, "authors", Path.Combine(shared, "data", "Set5"));

        Assert.That(evaluation.Mean.Psnr, Is.EqualTo(32.39).Within(0.01));
        Assert.That(evaluation.Mean.Ssim, Is.EqualTo(0.9033).Within(0.0001));
        Assert.That(evaluation.BicubicMean.Psnr, Is.EqualTo(30.39).Within(0.01));
        double[] published = [35.01, 34.90, 27.58, 33.55, 30.91]; // baby, bird, butterfly, head, woman
        Assert.That(evaluation.Pictures.Select(p => p.Score.Psnr), Is.EqualTo(published).Within(0.01));
    }

    [TestCase("host")]
    [TestCase("opencl")]
    [TestCase("cuda")]
    public void FsrcnnOnSet5(string device) =>
        IsAsPublished(device, Path.Combine("fsrcnn", "FSRCNN_x3.mat"), 33.16, 0.9140, [35.28, 36.00, 28.67, 33.81, 32.01]);

    [TestCase("host")]
    [TestCase("cuda")]
    public void VdsrOnSet5(string device) =>
        IsAsPublished(device, Path.Combine("vdsr", "VDSR_Official.mat"), 33.66, 0.9213, [35.38, 36.65, 29.96, 33.96, 32.35]);

    [TestCase("host")]
    [TestCase("cuda")]
    public void SrganOfFiveBlocksOnSet5(string device)
    {
        var shared = Require.Data();
        using var backend = Require.Backend(device);
        var model = ModelImport.Load(Path.Combine(shared, "models", "srgan-5-blocks", "netG_epoch_4_100_531073f.safetensors"), scale: null);
        Assert.That(model.Tensors.Where(t => !t.Name.Contains("running", StringComparison.Ordinal)).Sum(t => t.Values.Length), Is.EqualTo(734_092));
        using var upscaler = Upscaler.Open(model, new UpscalerOptions { Scale = 4, Backend = backend, Warn = Assert.Fail });
        var evaluation = Evaluator.Run(upscaler, "public", Path.Combine(shared, "data", "Set5"));
        Assert.That(evaluation.Mean.Psnr, Is.EqualTo(30.7012).Within(0.01));
    }

    private static void IsAsPublished(string device, string file, double psnr, double ssim, double[] pictures)
    {
        var shared = Require.Data();
        using var backend = Require.Backend(device);
        using var upscaler = Open(Path.Combine(shared, "author-models", file), backend);
        var evaluation = Evaluator.Run(upscaler, "authors", Path.Combine(shared, "data", "Set5"));

        Assert.That(evaluation.Mean.Psnr, Is.EqualTo(psnr).Within(0.005));
        Assert.That(evaluation.Mean.Ssim, Is.EqualTo(ssim).Within(0.0001));
        Assert.That(evaluation.Pictures.Select(p => p.Score.Psnr), Is.EqualTo(pictures).Within(0.01)); // baby, bird, butterfly, head, woman
    }

    // Where the device fails, host must not stand in unnoticed.
    private static Upscaler Open(string file, IBackend backend) =>
        Upscaler.Open(ModelImport.Load(file, 3), new UpscalerOptions { Scale = 3, Backend = backend, Warn = Assert.Fail });

    [Test]
    public void ShrinkingFrom8BitCostsALittle()
    {
        var shared = Require.Data();
        using var backend = Require.Backend("host");
        using var upscaler = Open(Path.Combine(shared, "author-models", "srcnn-9-1-5-91", "x3.mat"), backend);
        var folder = Path.Combine(shared, "data", "Set5");
        var cost = Evaluator.Run(upscaler, "authors", folder).Mean.Psnr - Evaluator.Run(upscaler, "authors", folder, Protocol.Rgb8).Mean.Psnr;
        Assert.That(cost, Is.InRange(0.01, 0.04));
    }
}
