using System.Globalization;
using System.Text.RegularExpressions;

namespace Srcnn.Kernels;

/// <summary>What stands in a kernel's PTX, a loop's body counted once: not what a run executes, but what one thread does per turn.</summary>
/// <param name="MultiplyAdds">Fused, or products and sums that the assembler fuses.</param>
/// <param name="Registers">32-bit float registers that are named; the assembler shares them out.</param>
/// <param name="SharedBytes">Memory of a group.</param>
/// <param name="Bytes">Moved from and to global memory.</param>
public sealed partial record KernelCounts(int MultiplyAdds, int Registers, int SharedBytes, int Bytes)
{
    /// <summary>Arithmetic intensity: floating-point operations per byte of global memory.</summary>
    public double Intensity => Bytes == 0 ? 0 : 2.0 * MultiplyAdds / Bytes;

    public static KernelCounts Of(string ptx) => new(
        FusedPattern().Count(ptx) + ProductPattern().Count(ptx),
        RegisterPattern().Matches(ptx).Sum(Number) is var named && named > 0 ? named - 1 : 0, // %f0 is never used
        SharedPattern().Matches(ptx).Sum(Number),
        GlobalPattern().Matches(ptx).Sum(m => (m.Groups[1].Value is { Length: > 0 } vector ? vector[^1] - '0' : 1) * Number(m) / 8));

    // The last group is the number.
    private static int Number(Match match) => int.Parse(match.Groups[^1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*fma\.\S*f32", RegexOptions.Multiline)]
    private static partial Regex FusedPattern();

    [GeneratedRegex(@"^\s*mul\.\S*f32", RegexOptions.Multiline)]
    private static partial Regex ProductPattern();

    [GeneratedRegex(@"\.reg \.f32\s+%f<(\d+)>")]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"\.shared [^;]*\.b8\s+\w+\[(\d+)\]")]
    private static partial Regex SharedPattern();

    [GeneratedRegex(@"^\s*(?:@\S+\s+)?(?:ld|st)\.global(?:\.\w+)*?(?:\.(v[24]))?\.[fbus](8|16|32|64)\b", RegexOptions.Multiline)]
    private static partial Regex GlobalPattern();
}
