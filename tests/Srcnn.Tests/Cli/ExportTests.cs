using System.Text.Json;

namespace Srcnn.Tests.Cli;

public sealed class ExportTests : WorkplaceTests
{
    [TestCase("half")]
    [TestCase("int8")]
    public void ASmallerModelRunsEverywhereAndItsLossIsTold(string weights)
    {
        var target = work["small.safetensors"];
        using var json = JsonDocument.Parse(Invocation.Run("export", work.Model, "--weights", weights, "-o", target, "--device", "host", "--json").Succeeds().Output);
        var told = json.RootElement;
        Assert.That(told.GetProperty("bytes").GetProperty("before").GetInt64(), Is.EqualTo(new FileInfo(work.Model).Length));
        Assert.That(told.GetProperty("bytes").GetProperty("after").GetInt64(), Is.EqualTo(new FileInfo(target).Length).And.LessThan(new FileInfo(work.Model).Length));
        Assert.That(told.GetProperty("outputPsnr").GetDouble(), Is.InRange(30, 160));
        var loss = told.GetProperty("psnr").GetProperty("before").GetDouble() - told.GetProperty("psnr").GetProperty("after").GetDouble();
        Assert.That(Math.Abs(loss), Is.LessThan(1));
        Assert.That(Invocation.Run("info", target).Succeeds().Output, Does.Contain($"weights     {weights}, {new FileInfo(target).Length} bytes"));

        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        Invocation.Run("evaluate", "--device", "host", "--model", target, "--data", work["set"]).Succeeds();
        Invocation.Run("upscale", work["set", "a.png"], "--device", "host", "--model", target, "-o", work["large.png"]).Succeeds();
        Invocation.Run("export", target, "--onnx", work["small.onnx"]).Succeeds();
    }

    [Test]
    public void WhatIsMeasuredIsTheFileThatIsWritten()
    {
        work.Picture(Path.Combine("set", "a.png"), 40, 37);
        string[] export = ["export", work.Model, "--weights", "int8", "-o", work["a.safetensors"], "--data", work["set"], "--device", "host", "--json"];
        using var told = JsonDocument.Parse(Invocation.Run(export).Succeeds().Output);
        using var seen = JsonDocument.Parse(Invocation.Run("evaluate", "--device", "host", "--model", work["a.safetensors"], "--data", work["set"], "--json").Succeeds().Output);
        Assert.That(told.RootElement.GetProperty("psnr").GetProperty("after").GetDouble(), Is.EqualTo(seen.RootElement.GetProperty("mean").GetProperty("psnr").GetDouble()));
        Assert.That(told.RootElement.GetProperty("pictures").GetInt32(), Is.EqualTo(1));
    }

    [Test]
    public void AHalfModelIsExportedAgainWithoutLoss()
    {
        Invocation.Run("export", work.Model, "--weights", "half", "-o", work["a.safetensors"], "--device", "host").Succeeds();
        Assert.That(Invocation.Run("export", work["a.safetensors"], "--weights", "half", "-o", work["b.safetensors"], "--device", "host").Succeeds().Output, Does.Contain("the same outputs"));
        Assert.That(File.ReadAllBytes(work["b.safetensors"]), Is.EqualTo(File.ReadAllBytes(work["a.safetensors"])));
    }

    [Test]
    public void WhatTheFileWantsIsSaid()
    {
        var alone = Invocation.Run("export", work.Model, "--onnx", work["a.onnx"]).Succeeds().Output;
        Assert.That(alone, Does.Contain("that bicubic has enlarged 3 times").And.Contain("--with-bicubic"));
        var whole = Invocation.Run("export", work.Model, "--onnx", work["b.onnx"], "--with-bicubic").Succeeds().Output;
        Assert.That(whole, Does.Contain("uint8 [batch, 3, height, width]").And.Not.Contain("--with-bicubic"));
        Assert.That(Invocation.Run("export", "vdsr", "--onnx", work["c.onnx"]).Succeeds().Output, Does.Contain("×2 written").And.Contain("2,3,4"));
        Assert.That(Invocation.Run("export", "vdsr", "--onnx", work["d.onnx"], "--scale", "3").Succeeds().Output, Does.Not.Contain("2,3,4"));
    }

    [TestCase("--with-bicubic belongs to --onnx", "--weights", "half", "-o", "x.safetensors", "--with-bicubic")]
    [TestCase("nothing to write is named")]
    [TestCase("belong together", "--weights", "half")]
    [TestCase("belong together", "-o", "x.safetensors")]
    [TestCase("excludes", "--onnx", "x.onnx", "--weights", "half", "-o", "x.safetensors")]
    [TestCase("excludes", "--onnx", "x.onnx", "-o", "x.safetensors")]
    [TestCase("--weights is 'int4'", "--weights", "int4", "-o", "x.safetensors")]
    [TestCase("--data belongs to --weights", "--onnx", "x.onnx", "--data", ".")]
    public void WrongUsageIsOne(string fragment, params string[] args) => Invocation.Run(["export", work.Model, .. args]).Fails(1, fragment);

    [Test]
    public void WhatCannotBeWrittenOrReadHasItsCode()
    {
        string[] Export(string model, string output) => ["export", model, "--weights", "half", "-o", output, "--device", "host"];
        Invocation.Run(Export(work.Model, work.Model)).Fails(1, "is the input");
        File.WriteAllText(work["old"], "old");
        Invocation.Run(Export(work.Model, work["old"])).Fails(4, "--overwrite");
        Invocation.Run(Export(work.Model, work["old", "inside"])).Fails(4, "no such folder");
        Invocation.Run(Export(work["missing.safetensors"], work["new"])).Fails(2, "no such file");
        Invocation.Run([.. Export(work.Model, work["new"]), "--scale", "2"]).Fails(2, "scale 2");
        Invocation.Run([.. Export(work.Model, work["new"]), "--data", work["nowhere"]]).Fails(2, "nowhere");
        var model = Workplace.SmallModel(3);
        model.Tensors[1].Values[0] = 1e6f;
        model.Save(work["big.safetensors"]);
        Invocation.Run(Export(work["big.safetensors"], work["new"])).Fails(2, "value 0 of conv1.bias is 1000000");
        Assert.That(File.Exists(work["new"]), Is.False);
    }
}
