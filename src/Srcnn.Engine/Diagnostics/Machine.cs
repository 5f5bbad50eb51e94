using System.Runtime.InteropServices;
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
        CpuName(), Environment.ProcessorCount, Simd.Width * 32, RuntimeInformation.FrameworkDescription,
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
}
