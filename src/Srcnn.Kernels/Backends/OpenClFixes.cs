using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.OpenCL;

namespace Srcnn.Kernels;

/// <summary>
/// Two things ILGPU 1.5.3 takes for granted and many Linux machines lack: the unversioned names of the driver libraries (only
/// developer packages bring them), and OpenCL's generic address space (kernels optimised at O2 do not use it).
/// </summary>
internal static class OpenClFixes
{
    private static readonly Lock Gate = new();
    private static bool installed;

    /// <summary>Lets ILGPU find the driver libraries; to be called before the first context.</summary>
    public static void Install()
    {
        lock (Gate)
        {
            if (installed) return;
            installed = true;
            try
            {
                NativeLibrary.SetDllImportResolver(typeof(Context).Assembly, Resolve);
            }
            catch (InvalidOperationException)
            {
                // The program that uses this library has set a resolver of its own; it knows better.
            }
        }
    }

    /// <summary>Device predicate for ILGPU's OpenCL builder: accepts every device, and lifts the demand for a generic address space.</summary>
    public static bool Accept(CLDevice device)
    {
        if (device.Capabilities.GenericAddressSpace) return true;
        SetGenericAddressSpace(device.Capabilities, true);
        SetDeviceVersion(device, CLDeviceVersion.CL20);
        return true;
    }

    /// <summary>The file names to try for a library that ILGPU asks for; none for those that need no help.</summary>
    internal static string[] Candidates(string library) => library switch
    {
        "OpenCL" => ["libOpenCL.so.1", "libOpenCL.so"],
        "cuda" => ["libcuda.so.1", "libcuda.so"],
        _ => [],
    };

    private static nint Resolve(string library, Assembly assembly, DllImportSearchPath? path)
    {
        foreach (var candidate in Candidates(library))
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return handle;
        }
        return 0; // the usual search goes on
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_GenericAddressSpace")]
    private static extern void SetGenericAddressSpace(CLCapabilityContext capabilities, bool value);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_DeviceVersion")]
    private static extern void SetDeviceVersion(CLDevice device, CLDeviceVersion value);
}
