using System.Text.Json;
using Srcnn.Cli.Devices;
using Srcnn.Kernels;

namespace Srcnn.Tests.Cli;

/// <summary>What 'benchmark --tune' remembers, and who goes by it.</summary>
[NonParallelizable] // there is one cache
public sealed class TunedKernelsTests
{
    private const string Choice = "5×5 64→32 weight gradient: Plain 1";

    private readonly List<string> warnings = [];
    private IlgpuBackend device = null!;

    private static string CacheFile => Path.Combine(UserCacheSetUp.Folder, "srcnn", "kernels-opencl-0.txt");

    [SetUp]
    public void Open() => device = (IlgpuBackend)Require.Backend("opencl");

    [TearDown]
    public void Close()
    {
        device?.Dispose();
        if (File.Exists(CacheFile)) File.Delete(CacheFile); // neither the file nor its folder is there when SetUp skipped the test
        warnings.Clear();
    }

    [Test]
    public void TuningIsRememberedAndShown()
    {
        using var tuned = JsonDocument.Parse(Invocation.Run("benchmark", "--tune", "--quick", "--device", "opencl", "--json").Succeeds().Output);
        var rows = tuned.RootElement[0].GetProperty("convolutions").EnumerateArray().ToList();
        Assert.That(rows, Has.Count.EqualTo(8));
        var chosen = rows.Where(r => r.GetProperty("kernel").GetString() != r.GetProperty("rule").GetString()).Select(r => $"{r.GetProperty("convolution")}: {r.GetProperty("kernel")}").Order(StringComparer.Ordinal).ToList();
        Assert.That(tuned.RootElement[0].GetProperty("file").GetString(), Is.EqualTo(CacheFile));
        Assert.That(File.ReadAllText(CacheFile), Does.Contain(device.Hardware).And.EndsWith(string.Join('\n', chosen) + "\n"));
        TunedKernels.Apply(device, warnings.Add);
        Assert.That((string.Join('\n', chosen), warnings.Count), Is.EqualTo((device.Choices.ToString(), 0)));
    }

    [Test]
    public void KernelsAndBenchmarkSayWhatIsInForce()
    {
        Remember(Choice);
        using var kernels = JsonDocument.Parse(Invocation.Run("kernels", "Fill", "--device", "opencl", "--json").Succeeds().Output);
        var chosen = kernels.RootElement.GetProperty("chosen").EnumerateArray().Single();
        Assert.That((chosen.GetProperty("convolution").GetString(), chosen.GetProperty("kernel").GetString()), Is.EqualTo(("5×5 64→32 weight gradient", "Plain 1")));
        Assert.That(Invocation.Run("kernels", "Fill", "--device", "opencl").Succeeds().Output, Does.Contain("chosen for opencl:0").And.Contain("Strip 32"));
        using var benchmark = JsonDocument.Parse(Invocation.Run("benchmark", "--quick", "--device", "opencl", "--json").Succeeds().Output);
        Assert.That(benchmark.RootElement.GetProperty("devices")[1].GetProperty("kernels")[0].GetString(), Is.EqualTo(Choice));
        File.Delete(CacheFile);
        Assert.That(Invocation.Run("kernels", "Fill", "--device", "opencl").Succeeds().Output, Does.Contain("by rule"));
    }

    [TestCase("")]
    [TestCase("\0\0\0")]
    [TestCase("srcnn kernels")]
    public void ABrokenFileIsIgnoredWithOneWarning(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(CacheFile)!);
        File.WriteAllText(CacheFile, text);
        TunedKernels.Apply(device, warnings.Add);
        Assert.That((device.Choices.Count, warnings.Count), Is.EqualTo((0, 1)));
        Assert.That(warnings[0], Does.Contain(CacheFile).And.Contain("is ignored").And.Contain("benchmark --tune"));
    }

    [Test]
    public void AKernelThatThereIsNotIsIgnoredWithOneWarning()
    {
        Remember(Choice);
        File.AppendAllText(CacheFile, "5×5 64→32 forward: Quantum 7\n");
        var run = Invocation.Run("kernels", "Fill", "--device", "opencl").Succeeds();
        Assert.That(run.Error.Split('\n').Count(line => line.Contains("warning", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(run.Error, Does.Contain("'5×5 64→32 forward: Quantum 7'"));
        Assert.That(run.Output, Does.Contain("by rule"));
    }

    [Test]
    public void WhatAnotherDriverWasMeasuredWithDoesNotHold()
    {
        Remember(Choice);
        File.WriteAllText(CacheFile, File.ReadAllText(CacheFile).Replace(device.Hardware, "another device", StringComparison.Ordinal));
        TunedKernels.Apply(device, warnings.Add);
        Assert.That((device.Choices.Count, warnings.Count), Is.EqualTo((0, 0)));
    }

    [TestCase("host")]
    [TestCase("ilgpu-cpu")]
    public void OnlyDevicesWhoseKernelsAreChosenCanBeTuned(string name) =>
        Invocation.Run("benchmark", "--tune", "--quick", "--device", name).Fails(1, "expected a CUDA or OpenCL device");

    private void Remember(string choices)
    {
        device.Choices = KernelChoices.Parse(choices);
        TunedKernels.Keep(device);
        device.Choices = KernelChoices.None;
    }
}
