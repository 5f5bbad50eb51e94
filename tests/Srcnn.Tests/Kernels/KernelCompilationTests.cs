using System.Text.RegularExpressions;
using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>
/// Every kernel compiled for NVIDIA and to OpenCL C, without a device. Accumulators must stay in registers (no .local memory, no
/// arrays) and nothing may remain a call that the device lacks.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class KernelCompilationTests
{
    private static IEnumerable<TestCaseData> Cases => KernelCatalog.All.Select(kernel => new TestCaseData(kernel).SetArgDisplayNames(kernel.Name));

    [TestCaseSource(nameof(Cases))]
    public void CompilesToPtx(Kernel kernel)
    {
        foreach (var architecture in (int[])[7, 8, 9])
        {
            var code = kernel.Ptx(architecture);
            Assert.That(code, Does.Contain(".visible .entry").And.Not.Contain(".local"));
            Assert.That(Call().Matches(code), Is.Empty, "unresolved call");
            Assert.That(code, Does.Not.Contain("mul.rn.f32"), "a rounding mode forbids the assembler to fuse multiply and add");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void CompilesToOpenCl(Kernel kernel)
    {
        var code = kernel.OpenCl();
        Assert.That(code, Does.Contain("kernel void").And.Not.Contain("FusedMultiplyAdd").And.Not.Contain("__generic").And.Not.Contain("atomic_"));
        Assert.That(PrivateArray().Matches(code), Is.Empty, "array outside shared memory");
    }

    /// <summary>Runs the ops on the device that always exists; what they launch must be among the compiled ones.</summary>
    [Test]
    public void NoLaunchedKernelIsForgotten()
    {
        using var backend = (IlgpuBackend)Require.Backend("ilgpu-cpu");
        foreach (var device in Enum.GetValues<DeviceClass>())
        foreach (var (channels, filters) in new[] { (1, 1), (33, 40), (40, 1), (17, 9), (5, 4), (3, 64) })
        {
            backend.Plan = task => Conv2dPlan.For(task, device);
            var g = new Conv2dGeometry(channels, filters, 1);
            using Tensor x = backend.Allocate(new(1, 1, 6, channels)), w = backend.Allocate(g.Weight), b = backend.Allocate(g.Bias), y = backend.Allocate(new(1, 1, 6, filters));
            backend.Conv2dForward(g, x, w, b, Activation.None, y);
            backend.Conv2dBackwardWeight(g, x, y, w, b);
        }
        Assert.That(backend.Launched, Is.Not.Empty.And.SubsetOf(KernelCatalog.All.Select(k => k.Type)));
    }

    [Test]
    public void ABuildLogHearsOnlyItsOwnThread()
    {
        using (var log = new BuildLog())
        {
            System.Diagnostics.Trace.WriteLine("line 7: no such thing");
            Task.Run(() => System.Diagnostics.Trace.WriteLine("another's")).Wait();
            Assert.That(log.ToString(), Is.EqualTo("line 7: no such thing"));
        }
        Assert.That(System.Diagnostics.Trace.Listeners.OfType<BuildLog>(), Is.Empty);
    }

    [GeneratedRegex(@"^\s*call(?!.*__assert).*$", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^\s*(?!.*\blocal\b)(float|int)\s+\w+\[\d+\];", RegexOptions.Multiline)]
    private static partial Regex PrivateArray();
}
