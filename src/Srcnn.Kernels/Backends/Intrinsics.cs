using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.IR.Intrinsics;

namespace Srcnn.Kernels;

/// <summary>Functions that every device has and ILGPU has no name for.</summary>
internal static class Intrinsics
{
    /// <summary>
    /// left·right + addend, rounded once. ILGPU writes a product and a sum as two statements, and an OpenCL compiler may fuse only
    /// within one.
    /// </summary>
    [IntrinsicImplementation]
    public static float MultiplyAdd(float left, float right, float addend) => MathF.FusedMultiplyAdd(left, right, addend);

    /// <summary>Teaches a context what the functions are called on each kind of device.</summary>
    public static void Register(Context.Builder builder)
    {
        var method = typeof(Intrinsics).GetMethod(nameof(MultiplyAdd))!;
        var manager = builder.GetIntrinsicManager();
        manager.RegisterMethod(method, new CLIntrinsic(typeof(Intrinsics), nameof(OpenCl), IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(method, new PTXIntrinsic(typeof(Intrinsics), nameof(Ptx), IntrinsicImplementationMode.GenerateCode));
    }

    private static void OpenCl(CLBackend backend, CLCodeGenerator generator, Value value)
    {
        var (left, right, addend) = (generator.Load(value[0]), generator.Load(value[1]), generator.Load(value[2]));
        using var statement = generator.BeginStatement(generator.Allocate(value));
        statement.AppendCommand("fma");
        statement.BeginArguments();
        statement.AppendArgument(left);
        statement.AppendArgument(right);
        statement.AppendArgument(addend);
        statement.EndArguments();
    }

    private static void Ptx(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var (left, right, addend) = (generator.LoadPrimitive(value[0]), generator.LoadPrimitive(value[1]), generator.LoadPrimitive(value[2]));
        var target = generator.AllocateHardware(value);
        using var command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(target);
        command.AppendArgument(left);
        command.AppendArgument(right);
        command.AppendArgument(addend);
    }
}
