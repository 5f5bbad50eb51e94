using Srcnn.Engine.Diagnostics;

namespace Srcnn.Tests.Diagnostics;

public sealed class MachineTests
{
    /// <summary>The kernel reads the processor's signature too.</summary>
    [Test]
    public void TheGenerationIsThatOfTheKernel()
    {
        const string path = "/proc/cpuinfo";
        var lines = File.Exists(path) ? File.ReadAllLines(path) : [];
        if (Value("cpu family") is not { } family || Value("model") is not { } model)
        {
            Assert.Ignore($"no family and model of an x86 processor in {path}");
            return;
        }
        Assert.That(Machine.Current().Cpu, Does.EndWith($" (family {family}, model {model})"));

        string? Value(string key) => lines.Select(line => line.Split(':', 2)).FirstOrDefault(pair => pair[0].Trim() == key)?[1].Trim();
    }
}
