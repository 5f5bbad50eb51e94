using System.Text.Json;
using Srcnn.Kernels;

namespace Srcnn.Tests.Cli;

public sealed class KernelsTests
{
    [Test]
    public void EveryKernelIsListedWithWhatItIsMadeOf()
    {
        using var json = JsonDocument.Parse(Invocation.Run("kernels", "Conv2dStrip", "--json").Succeeds().Output);
        var strip = json.RootElement.GetProperty("kernels").EnumerateArray().Single(k => k.GetProperty("lanes").GetInt32() == 16);
        Assert.That((strip.GetProperty("op").GetString(), strip.GetProperty("variant").GetString()), Is.EqualTo(("Conv2d", "Strip:16")));
        var loop = strip.GetProperty("loop");
        Assert.That((loop.GetProperty("accumulators").GetInt32(), loop.GetProperty("sharedBytes").GetInt32()), Is.EqualTo((80, 0)));
        Assert.That(loop.GetProperty("intensity").GetDouble(), Is.EqualTo(2 * 80 / (4.0 * (5 + 16))).Within(1e-9));
        Assert.That(Invocation.Run("kernels", "Fill").Succeeds().Output, Does.Contain("accumulators").And.Contain("flop per byte").And.Contain("shared bytes"));
    }

    [Test]
    public void OnlySumsAndTheMeasureOfTheLimitBelongToNoOp()
    {
        Assert.That(KernelCatalog.All.Where(kernel => kernel.Op.Length == 0).Select(kernel => kernel.Name.Split(':')[0]).Distinct(), Is.EquivalentTo(new[] { "GroupSum", "MultiplyAdd", "SliceSum" }));
        Assert.That(KernelCatalog.All.Single(kernel => kernel.Name == "Rows:PReluBackward"), Has.Property(nameof(Kernel.Op)).EqualTo("PReluBackward"));
    }

    [TestCase("--ptx", ".visible .entry")]
    [TestCase("--opencl", "kernel void")]
    public void TheCodeIsPrinted(string option, string fragment) => Assert.That(Invocation.Run("kernels", "conv2dstrip:8", option).Succeeds().Output, Does.Contain(fragment));

    [Test]
    public void OneKernelMustBeMeant()
    {
        Invocation.Run("kernels", "Conv2dStrip", "--ptx").Fails(1, "Conv2dStrip:1");
        Invocation.Run("kernels", "Conv2dStripe").Fails(1, "did you mean 'Conv2dStrip:");
    }
}
