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

    /// <summary>e^x. On CUDA by the fast 2^x, two units in the last place off.</summary>
    [IntrinsicImplementation]
    public static float Exp(float x) => MathF.Exp(x);

    /// <summary>Teaches a context what the functions are called on each kind of device.</summary>
    public static void Register(Context.Builder builder)
    {
        Register(builder, nameof(MultiplyAdd), nameof(OpenClFma), nameof(PtxFma));
        Register(builder, nameof(Exp), nameof(OpenClExp), nameof(PtxExp));
    }

    private static void Register(Context.Builder builder, string name, string openCl, string ptx)
    {
        var method = typeof(Intrinsics).GetMethod(name)!;
        var manager = builder.GetIntrinsicManager();
        manager.RegisterMethod(method, new CLIntrinsic(typeof(Intrinsics), openCl, IntrinsicImplementationMode.GenerateCode));
        manager.RegisterMethod(method, new PTXIntrinsic(typeof(Intrinsics), ptx, IntrinsicImplementationMode.GenerateCode));
    }

    private static void OpenClFma(CLBackend backend, CLCodeGenerator generator, Value value) => OpenClCall(generator, value, "fma");

    private static void OpenClExp(CLBackend backend, CLCodeGenerator generator, Value value) => OpenClCall(generator, value, "exp");

    /// <summary>A function of OpenCL C with the value's operands.</summary>
    private static void OpenClCall(CLCodeGenerator generator, Value value, string function)
    {
        var arguments = Enumerable.Range(0, value.Count).Select(i => generator.Load(value[i])).ToList();
        using var statement = generator.BeginStatement(generator.Allocate(value));
        statement.AppendCommand(function);
        statement.BeginArguments();
        foreach (var argument in arguments) statement.AppendArgument(argument);
        statement.EndArguments();
    }

    private static void PtxFma(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var (left, right, addend) = (generator.LoadPrimitive(value[0]), generator.LoadPrimitive(value[1]), generator.LoadPrimitive(value[2]));
        var target = generator.AllocateHardware(value);
        using var command = generator.BeginCommand("fma.rn.f32");
        command.AppendArgument(target);
        command.AppendArgument(left);
        command.AppendArgument(right);
        command.AppendArgument(addend);
    }

    private static void PtxExp(PTXBackend backend, PTXCodeGenerator generator, Value value)
    {
        var (x, target) = (generator.LoadPrimitive(value[0]), generator.AllocateHardware(value));
        using (var scaled = generator.BeginCommand("mul.f32"))
        {
            scaled.AppendArgument(target);
            scaled.AppendArgument(x);
            scaled.AppendConstant(1.44269504f); // log₂ e
        }
        using var power = generator.BeginCommand("ex2.approx.f32");
        power.AppendArgument(target);
        power.AppendArgument(target);
    }
}
