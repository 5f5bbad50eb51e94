using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>A kernel in one variant. Its code can be made without a device.</summary>
public sealed partial class Kernel
{
    private static readonly string[] Methods = [.. typeof(IBackend).GetMethods().Select(method => method.Name)];

    internal Kernel(Type type) => Type = type;

    /// <summary>"Conv2dStrip:16", "Conv2dTile:Conv2dForwardProduct:8": the struct without its suffix, then what it is made for and its lanes.</summary>
    public string Name => NameOf(Type);

    /// <summary>The op it works for, "Conv2d": the words that its name and a method of <see cref="IBackend"/> begin with. Empty for what several ops share.</summary>
    public string Op => Methods.Select(method => Common(Words(Own), Words(method))).MaxBy(op => op.Length)!;

    /// <summary>What is left of the name: "Tile:Conv2dForwardProduct:8".</summary>
    public string Variant => Own[Op.Length..].TrimStart(':');

    /// <summary>Neighbouring floats that a thread computes at once.</summary>
    public int Lanes => LanesOf(Type) ?? 1;

    /// <summary>Whether it runs in groups that share memory.</summary>
    public bool IsGrouped => Type.IsAssignableTo(typeof(IGroupKernel));

    internal Type Type { get; }

    /// <summary>The name of a kernel by rows or elements is that of its work.</summary>
    private string Own => Type.IsGenericType && Type.GetGenericArguments() is [var work] && work.IsAssignableTo(typeof(IRowKernel)) ? $"{NameOf(work)}:{Plain(Type)}" : Name;

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>PTX for an NVIDIA architecture, such as 8.0 (A100).</summary>
    public string Ptx(int major = 8, int minor = 0)
    {
        using var context = NewContext();
        using var backend = new PTXBackend(context, new CudaArchitecture(major, minor), major >= 9 ? CudaInstructionSet.ISA_80 : CudaInstructionSet.ISA_70, null!);
        return ((PTXCompiledKernel)backend.Compile(EntryPoint(), default)).PTXAssembly;
    }

    /// <summary>OpenCL C 2.0 for a device with every capability.</summary>
    public string OpenCl()
    {
        using var context = NewContext();
        using var backend = new CLBackend(context, new CLCapabilityContext(true, true, true, true, true), CLDeviceVendor.Other, CLCVersion.CL20);
        return ((CLCompiledKernel)backend.Compile(EntryPoint(), default)).Source;
    }

    internal static string NameOf(Type type) =>
        string.Join(':', type.GetGenericArguments().Select(argument => CountOf(argument) is { } lanes ? $"{lanes}" : NameOf(argument)).Prepend(Plain(type)));

    private static string[] Words(string name) => CamelCase().Split(name);

    private static string Common(string[] a, string[] b) => string.Concat(a.Zip(b).TakeWhile(pair => pair.First == pair.Second).Select(pair => pair.First));

    private static string Plain(Type type)
    {
        var name = type.Name.Split('`')[0];
        return name.EndsWith(nameof(Kernel), StringComparison.Ordinal) ? name[..^nameof(Kernel).Length] : name;
    }

    private static int? LanesOf(Type type) => CountOf(type) ?? type.GetGenericArguments().Select(LanesOf).FirstOrDefault(lanes => lanes is not null);

    private static int? CountOf(Type lanes) => (int?)lanes.GetProperty(nameof(Lane.Count))?.GetValue(null);

    private static Context NewContext() => Context.Create(builder => Intrinsics.Register(builder.Optimize(OptimizationLevel.O2)));

    private EntryPointDescription EntryPoint()
    {
        var method = typeof(IlgpuBackend.Entry).GetMethod(IsGrouped ? nameof(IlgpuBackend.Entry.RunGroup) : nameof(IlgpuBackend.Entry.Run), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(Type);
        return IsGrouped ? EntryPointDescription.FromExplicitlyGroupedKernel(method) : EntryPointDescription.FromImplicitlyGroupedKernel(method);
    }

    /// <summary>Before a capital or a colon; PRelu is one word, its P belonging to it.</summary>
    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z:])")]
    private static partial Regex CamelCase();
}
