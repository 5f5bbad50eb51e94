using System.Globalization;

namespace Srcnn.Cli;

/// <summary>The share of a run's pictures that is done, in place on the error stream; gone while a line is printed. Silent where nobody watches.</summary>
/// <param name="count">Pictures.</param>
internal sealed class BatchProgress(Terminal terminal, int count)
{
    private readonly Lock printing = new();
    private readonly double[] shares = new double[count];
    private double done;
    private int shown;

    /// <summary>Told the share of one picture, in [0, 1]. One that is done at once shows nothing.</summary>
    public IProgress<double> Of(int picture) => new Picture(this, picture);

    /// <summary>Counts a picture as done and clears the place for a line.</summary>
    public void Finish(int picture)
    {
        lock (printing)
        {
            Add(picture, 1);
            if (shown > 0) terminal.Error.Write("\r     \r");
            shown = 0;
        }
    }

    private void Add(int picture, double share)
    {
        done += share - shares[picture];
        shares[picture] = share;
    }

    private void Report(int picture, double share)
    {
        if (!terminal.IsLive) return;
        lock (printing)
        {
            Add(picture, share);
            var percent = (int)((100 * done / count) + 1e-6);
            if (percent == shown || (shown == 0 && share == 1)) return;
            shown = percent;
            terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{percent,3} %"));
        }
    }

    private sealed class Picture(BatchProgress run, int picture) : IProgress<double>
    {
        public void Report(double share) => run.Report(picture, share);
    }
}
