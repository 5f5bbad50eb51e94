using Srcnn.Cli;

namespace Srcnn.Tests.Cli;

public sealed class BatchProgressTests
{
    [Test]
    public void TheTimeThatIsLeftFollowsTheSpeedSoFar()
    {
        using StringWriter output = new(), error = new();
        var terminal = new Terminal(output, error, outputIsTerminal: true, errorIsTerminal: true);
        if (!terminal.IsLive) Assert.Ignore("CI or TERM says that nobody watches");
        var clock = new Clock();
        var progress = new BatchProgress(terminal, 4, clock);
        progress.Of(0).Report(0.5);
        clock.Seconds = 30;
        progress.Of(1).Report(0.5);
        progress.Finish(1, worked: false);
        Assert.That(progress.Left(), Is.EqualTo("0:02:30 left"), "one was there already, half of one took the time");
        clock.Seconds = 360_000;
        progress.Of(2).Report(0.5);
        Assert.That(error.ToString(), Is.EqualTo("\r 12 %\r 25 %, 0:01:30 left\r                   \r\r 50 %, 200:00:00 left"));
    }

    private sealed class Clock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
