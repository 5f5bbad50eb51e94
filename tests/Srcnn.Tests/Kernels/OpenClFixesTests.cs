using ILGPU;
using ILGPU.Runtime.OpenCL;
using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

public sealed class OpenClFixesTests
{
    [Test]
    public void VersionedDriverLibrariesAreTriedFirst()
    {
        Assert.That(OpenClFixes.Candidates("OpenCL"), Is.EqualTo(new[] { "libOpenCL.so.1", "libOpenCL.so" }));
        Assert.That(OpenClFixes.Candidates("cuda"), Is.EqualTo(new[] { "libcuda.so.1", "libcuda.so" }));
        Assert.That(OpenClFixes.Candidates("nvml"), Is.Empty);
    }

    [Test]
    public void InstallingTwiceIsHarmless() => Assert.That(() =>
    {
        OpenClFixes.Install();
        OpenClFixes.Install();
    }, Throws.Nothing);

    /// <summary>ILGPU refuses devices without a generic address space; accepted ones must pass its own check afterwards.</summary>
    [Test]
    public void DevicesWithoutAGenericAddressSpaceAreAccepted()
    {
        using (Require.Backend("opencl")) { }
        using var context = Context.Create(builder => builder.OpenCL(OpenClFixes.Accept));
        var devices = context.Devices.OfType<CLDevice>().ToArray();
        Assert.That(devices, Is.Not.Empty);
        Assert.That(devices.Select(device => device.Capabilities.GenericAddressSpace), Is.All.True);
    }
}
