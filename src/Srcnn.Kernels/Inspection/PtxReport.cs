using System.Globalization;
using System.Text.RegularExpressions;

namespace Srcnn.Kernels;

/// <summary>
/// What a kernel's PTX says about its inner loop: the innermost loop with the most fused multiply–adds, else with the most float
/// arithmetic, or all of a kernel without loops. PTX is not the last word (the assembler drops moves and folds addresses), but what spills, goes scalar or grows a branch there does so
/// on the card as well.
/// </summary>
/// <param name="MultiplyAdds">Fused multiply–adds.</param>
/// <param name="Accumulators">Sums they add to side by side: what a thread holds in registers from turn to turn.</param>
/// <param name="OtherFloat">Other float arithmetic.</param>
/// <param name="Integer">Integer arithmetic: addresses and counters.</param>
/// <param name="Loads">Load instructions.</param>
/// <param name="QuadLoads">Those of 16 bytes.</param>
/// <param name="LoadedBytes">Bytes they load, a thread.</param>
/// <param name="Branches">Conditional branches; one ends the loop.</param>
/// <param name="Barriers">Barriers in the whole kernel.</param>
/// <param name="SharedBytes">Shared memory of a group.</param>
/// <param name="UsesLocalMemory">Whether anything spilled.</param>
public sealed partial record PtxReport(
    int MultiplyAdds, int Accumulators, int OtherFloat, int Integer, int Loads, int QuadLoads, int LoadedBytes, int Branches, int Barriers, int SharedBytes, bool UsesLocalMemory)
{
    /// <summary>Share of the multiply–adds among the instructions that do something.</summary>
    public double MultiplyAddShare => MultiplyAdds / (double)Math.Max(1, MultiplyAdds + OtherFloat + Integer + Loads + Branches);

    /// <summary>Bytes loaded per multiply–add, a thread.</summary>
    public double BytesPerMultiplyAdd => LoadedBytes / (double)Math.Max(1, MultiplyAdds);

    /// <summary>Arithmetic intensity: float operations, a multiply–add as two, per byte loaded, a thread; null where nothing is loaded.</summary>
    public double? Intensity => LoadedBytes > 0 ? ((2.0 * MultiplyAdds) + OtherFloat) / LoadedBytes : null;

    /// <summary>Reads the PTX of one kernel, as <see cref="Kernel.Ptx"/> makes it.</summary>
    public static PtxReport Of(string ptx)
    {
        string[] lines = [.. ptx.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        string[] loop = [.. InnerLoops(lines).OrderBy(body => body.Count(IsMultiplyAdd)).ThenBy(body => body.Count(IsFloatArithmetic)).LastOrDefault(lines)];
        string[] loads = [.. loop.Where(line => line.StartsWith("ld.", StringComparison.Ordinal) && !line.StartsWith("ld.param", StringComparison.Ordinal))];
        return new PtxReport(
            loop.Count(IsMultiplyAdd),
            Chains(loop),
            loop.Count(line => IsFloatArithmetic(line) && !IsMultiplyAdd(line)),
            loop.Count(line => Arithmetic().IsMatch(line) && !IsFloat(line)),
            loads.Length,
            loads.Count(line => line.Contains(".v4.f32", StringComparison.Ordinal)),
            loads.Sum(Bytes),
            loop.Count(line => line.StartsWith('@')),
            lines.Count(line => line.StartsWith("bar.sync", StringComparison.Ordinal)),
            lines.Select(line => SharedArray().Match(line)).Where(match => match.Success).Sum(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
            lines.Any(line => line.Contains(".local", StringComparison.Ordinal)));
    }

    /// <summary>Bodies of the loops that contain no other: from a label to a branch back to it.</summary>
    private static IEnumerable<IEnumerable<string>> InnerLoops(string[] lines)
    {
        var labels = lines.Index().Where(line => line.Item.EndsWith(':')).ToDictionary(line => line.Item[..^1], line => line.Index);
        (int From, int To)[] loops =
        [
            .. from line in lines.Index()
               let target = Branch().Match(line.Item)
               where target.Success && labels[target.Groups[1].Value] < line.Index
               select (labels[target.Groups[1].Value], line.Index),
        ];
        return loops.Where(outer => !loops.Any(inner => inner != outer && inner.From >= outer.From && inner.To <= outer.To))
            .Select(loop => lines[loop.From..loop.To]);
    }

    /// <summary>Multiply–adds whose addend is no other's result.</summary>
    private static int Chains(string[] loop)
    {
        string[][] sums = [.. loop.Where(IsMultiplyAdd).Select(line => Operand().Matches(line).Select(match => match.Value).ToArray())];
        var results = sums.Select(operands => operands[0]).ToHashSet();
        return sums.Count(operands => !results.Contains(operands[^1]));
    }

    private static bool IsMultiplyAdd(string line) => line.StartsWith("fma.rn.f32", StringComparison.Ordinal);

    private static bool IsFloatArithmetic(string line) => Arithmetic().IsMatch(line) && IsFloat(line);

    private static bool IsFloat(string line) => line.Split('\t', ' ')[0].EndsWith("f32", StringComparison.Ordinal);

    private static int Bytes(string load)
    {
        var kind = load.Split('\t', ' ')[0];
        var one = kind.EndsWith("64", StringComparison.Ordinal) ? 8 : 4;
        return kind.Contains(".v4.", StringComparison.Ordinal) ? 4 * one : kind.Contains(".v2.", StringComparison.Ordinal) ? 2 * one : one;
    }

    [GeneratedRegex(@"^(fma|mad|mul|add|sub|div|rem|min|max|shl|shr|and|or|neg|cvt)\.")]
    private static partial Regex Arithmetic();

    [GeneratedRegex(@"%f\d+")]
    private static partial Regex Operand();

    [GeneratedRegex(@"^(?:@!?%p\d+\s+)?bra(?:\.uni)?\s+(\w+);")]
    private static partial Regex Branch();

    [GeneratedRegex(@"^\.shared .*\[(\d+)\];")]
    private static partial Regex SharedArray();
}
