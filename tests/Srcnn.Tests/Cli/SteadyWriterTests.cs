using Srcnn.Cli;

namespace Srcnn.Tests.Cli;

public sealed class SteadyWriterTests
{
    private const int Closed = 5, Full = 28; // EIO, ENOSPC

    [Test, Platform("Linux,MacOsX")]
    public void ATerminalThatIsGoneIsNoFailureButAFullDiskIs()
    {
        using var gone = new SteadyWriter(new Failing(Closed), "standard error");
        Assert.That(() => gone.WriteLine("a"), Throws.Nothing);
        using var full = new SteadyWriter(new Failing(Full), "standard error");
        Assert.That(() => full.WriteLine("a"), Throws.InstanceOf<IOException>().With.Message.StartsWith("standard error: "));
    }

    private sealed class Failing(int reason) : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("no", reason);
    }
}
