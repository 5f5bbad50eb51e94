using System.Reflection;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>What a kernel is compiled to, without a device.</summary>
internal static class KernelCode
{
    /// <summary>Every kernel of this library, generic ones once for each type they are used with.</summary>
    public static IReadOnlyList<Type> Kernels { get; } =
    [
        .. typeof(IKernel).Assembly.GetTypes()
            .Where(type => type.IsValueType && (type.IsAssignableTo(typeof(IKernel)) || type.IsAssignableTo(typeof(IGroupKernel))))
            .SelectMany(Closed),
    ];

    /// <summary>"Conv2dStrip×32", "Conv2dTile×8 Forward".</summary>
    public static string Name(Type kernel)
    {
        var name = Short(kernel);
        foreach (var argument in kernel.GetGenericArguments())
        {
            name += argument.GetProperty("Count", BindingFlags.Public | BindingFlags.Static) is { } count
                ? $"×{count.GetValue(null)}"
                : $" {Short(argument)}";
        }
        return name;
    }

    /// <summary>Assembly text for NVIDIA devices.</summary>
    public static string Ptx(Type kernel, CudaArchitecture architecture, CudaInstructionSet instructions)
    {
        using var context = NewContext();
        using var backend = new PTXBackend(context, architecture, instructions, null!);
        return ((PTXCompiledKernel)backend.Compile(EntryPoint(kernel), default)).PTXAssembly;
    }

    /// <summary>OpenCL C.</summary>
    public static string OpenCl(Type kernel)
    {
        using var context = NewContext();
        using var backend = new CLBackend(context, new CLCapabilityContext(true, true, true, true, true), CLDeviceVendor.Other, CLCVersion.CL20);
        return ((CLCompiledKernel)backend.Compile(EntryPoint(kernel), default)).Source;
    }

    private static Context NewContext() => Context.Create(builder =>
    {
        builder.Optimize(OptimizationLevel.O2);
        Intrinsics.Register(builder);
    });

    private static EntryPointDescription EntryPoint(Type kernel)
    {
        var grouped = kernel.IsAssignableTo(typeof(IGroupKernel));
        var method = typeof(IlgpuBackend.Entry)
            .GetMethod(grouped ? nameof(IlgpuBackend.Entry.RunGroup) : nameof(IlgpuBackend.Entry.Run), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(kernel);
        return grouped ? EntryPointDescription.FromExplicitlyGroupedKernel(method) : EntryPointDescription.FromImplicitlyGroupedKernel(method);
    }

    private static IEnumerable<Type> Closed(Type kernel)
    {
        if (!kernel.IsGenericTypeDefinition) return [kernel];
        return kernel.GetGenericArguments().Length == 1
            ? Lanes().Select(lanes => kernel.MakeGenericType(lanes))
            : from product in new[] { typeof(Conv2dForwardProduct), typeof(Conv2dWeightProduct) }
              from quads in new[] { typeof(OneQuad), typeof(TwoQuads) }
              select kernel.MakeGenericType(product, quads);
    }

    private static IEnumerable<Type> Lanes()
    {
        yield return typeof(Lane);
        var type = typeof(Pair<Lane>);
        for (var lanes = 4; lanes <= 32; lanes *= 2) yield return type = typeof(Pair<>).MakeGenericType(type);
    }

    private static string Short(Type type) => type.Name.Split('`')[0].Replace("Kernel", "", StringComparison.Ordinal);
}
