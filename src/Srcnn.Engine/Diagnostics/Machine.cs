using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Srcnn.Kernels;

namespace Srcnn.Engine.Diagnostics;

/// <summary>What a measured time belongs to.</summary>
/// <param name="Cpu">The processor's own name.</param>
/// <param name="Cores">Logical processors.</param>
/// <param name="VectorBits">Width of the vectors the host backend uses.</param>
/// <param name="Runtime">The .NET version.</param>
/// <param name="System">The operating system.</param>
public sealed record Machine(string Cpu, int Cores, int VectorBits, string Runtime, string System)
{
    /// <summary>This machine.</summary>
    public static Machine Current() => new(
        CpuName() + Generation(), Environment.ProcessorCount, Simd.Width * 32, RuntimeInformation.FrameworkDescription,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");

    /// <summary>Processor and cores as a file name: "intel-xeon-processor-2-cores".</summary>
    public string Slug
    {
        get
        {
            var text = $"{Cpu.Replace("(R)", "", StringComparison.OrdinalIgnoreCase).Replace("(TM)", "", StringComparison.OrdinalIgnoreCase)} {Cores} cores";
            var words = new string([.. text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : ' ')]);
            return string.Join('-', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static string CpuName()
    {
        const string key = "model name";
        try
        {
            if (File.Exists("/proc/cpuinfo") && File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal)) is { } line)
                return line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
        }
        catch (IOException)
        {
            // A name is all that is lost.
        }
        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? $"{RuntimeInformation.ProcessArchitecture} processor";
    }

    /// <summary>" (family 25, model 17)": a virtual machine often hides the processor's name, but not these, which tell its generation. Empty where they are unknown.</summary>
    private static string Generation()
    {
        if (!X86Base.IsSupported) return "";
        var signature = X86Base.CpuId(1, 0).Eax;
        var (family, model) = (signature >> 8 & 15, signature >> 4 & 15);
        if (family is 6 or 15) model += (signature >> 16 & 15) << 4;
        if (family == 15) family += signature >> 20 & 255;
        return $" (family {family}, model {model})";
    }
}
