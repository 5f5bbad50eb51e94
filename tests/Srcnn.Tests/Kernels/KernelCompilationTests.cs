using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>
/// Every kernel compiled for NVIDIA and to OpenCL C, without a device. Accumulators must stay in registers (no .local memory, no
/// arrays) and nothing may remain a call that the device lacks.
/// </summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class KernelCompilationTests
{
    private static readonly Type[] Lanes = [.. LanesUpTo(32)];

    /// <summary>All kernel structs of the assembly; generic ones closed over every number of lanes.</summary>
    private static IEnumerable<Type> Kernels => typeof(IKernel).Assembly.GetTypes()
        .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
        .SelectMany(type => type.IsGenericTypeDefinition ? Lanes.Select(lanes => type.MakeGenericType(lanes)) : [type]);

    private static IEnumerable<TestCaseData> Cases => Kernels.Select(type => new TestCaseData(type).SetArgDisplayNames(Name(type)));

    [TestCaseSource(nameof(Cases))]
    public void CompilesToPtx(Type kernel)
    {
        using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        foreach (var (architecture, instructions) in new[]
        {
            (CudaArchitecture.SM_70, CudaInstructionSet.ISA_70),
            (CudaArchitecture.SM_80, CudaInstructionSet.ISA_70),
            (CudaArchitecture.SM_90, CudaInstructionSet.ISA_80),
        })
        {
            using var backend = new PTXBackend(context, architecture, instructions, null!);
            var code = ((PTXCompiledKernel)backend.Compile(EntryPoint(kernel), default)).PTXAssembly;
            Assert.That(code, Does.Contain(".visible .entry").And.Not.Contain(".local"));
            Assert.That(Call().Matches(code), Is.Empty, "unresolved call");
            Assert.That(code, Does.Not.Contain("mul.rn.f32"), "a rounding mode forbids the assembler to fuse multiply and add");
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void CompilesToOpenCl(Type kernel)
    {
        using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        using var backend = new CLBackend(context, new CLCapabilityContext(true, true, true, true, true), CLDeviceVendor.Other, CLCVersion.CL20);
        var code = ((CLCompiledKernel)backend.Compile(EntryPoint(kernel), default)).Source;
        Assert.That(code, Does.Contain("kernel void").And.Not.Contain("FusedMultiplyAdd").And.Not.Contain("__generic").And.Not.Contain("atomic_"));
        Assert.That(PrivateArray().Matches(code), Is.Empty, "array outside shared memory");
    }

    /// <summary>Runs the ops on the device that always exists; what they launch must be among the compiled ones.</summary>
    [Test]
    public void NoLaunchedKernelIsForgotten()
    {
        using var backend = (IlgpuBackend)Require.Backend("ilgpu-cpu");
        foreach (var (channels, filters) in new[] { (1, 1), (33, 40), (40, 1), (17, 9), (5, 4) })
        {
            var g = new Conv2dGeometry(channels, filters, 1);
            using Tensor x = backend.Allocate(new(1, 1, 6, channels)), w = backend.Allocate(g.Weight), b = backend.Allocate(g.Bias), y = backend.Allocate(new(1, 1, 6, filters));
            backend.Conv2dForward(g, x, w, b, Activation.None, y);
            backend.Conv2dBackwardWeight(g, x, y, w, b);
        }
        Assert.That(backend.Launched, Is.Not.Empty.And.SubsetOf(Kernels));
    }

    private static EntryPointDescription EntryPoint(Type kernel)
    {
        var grouped = kernel.IsAssignableTo(typeof(IGroupKernel));
        var method = typeof(IlgpuBackend.Entry).GetMethod(grouped ? "RunGroup" : "Run", BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(kernel);
        return grouped ? EntryPointDescription.FromExplicitlyGroupedKernel(method) : EntryPointDescription.FromImplicitlyGroupedKernel(method);
    }

    private static IEnumerable<Type> LanesUpTo(int count)
    {
        yield return typeof(Lane);
        var type = typeof(Pair<Pair<Lane>>);
        for (var lanes = 4; lanes <= count; lanes *= 2)
        {
            yield return type;
            type = typeof(Pair<>).MakeGenericType(type);
        }
    }

    private static string Name(Type kernel) =>
        kernel.IsGenericType ? $"{kernel.Name.Split('`')[0]}×{kernel.GetGenericArguments()[0].GetProperty("Count")!.GetValue(null)}" : kernel.Name;

    [GeneratedRegex(@"^\s*call(?!.*__assert).*$", RegexOptions.Multiline)]
    private static partial Regex Call();

    [GeneratedRegex(@"^\s*(?!.*\blocal\b)(float|int)\s+\w+\[\d+\];", RegexOptions.Multiline)]
    private static partial Regex PrivateArray();
}
