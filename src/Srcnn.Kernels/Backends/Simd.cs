using System.Runtime.Intrinsics;

namespace Srcnn.Kernels;

/// <summary>The widest vectors this processor has.</summary>
internal static class Simd
{
    public static string Name =>
        Vector512.IsHardwareAccelerated ? "512-bit SIMD" : Vector256.IsHardwareAccelerated ? "256-bit SIMD" : "128-bit SIMD";
}
