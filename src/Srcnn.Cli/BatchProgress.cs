using System.Globalization;

namespace Srcnn.Cli;

/// <summary>The share of a run's pictures that is done and the time that is left, in place on the error stream; gone while a line is printed. Silent where nobody watches.</summary>
/// <param name="count">Pictures.</param>
/// <param name="time">Null for the system's.</param>
internal sealed class BatchProgress(Terminal terminal, int count, TimeProvider? time = null)
{
    /// <summary>Of a run; before, its speed says little.</summary>
    private const double FirstSeconds = 5;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long start = (time ?? TimeProvider.System).GetTimestamp();
    private readonly Lock printing = new();
    private readonly double[] shares = new double[count];
    private double done;
    private int free;
    private string shown = "";

    /// <summary>Told the share of one picture, in [0, 1]. One that is done at once shows nothing.</summary>
    public IProgress<double> Of(int picture) => new Picture(this, picture);

    /// <summary>Counts a picture as done and clears the place for a line.</summary>
    /// <param name="worked">Whether it took work, by which the rest is judged.</param>
    public void Finish(int picture, bool worked)
    {
        lock (printing)
        {
            Add(picture, 1);
            if (!worked) free++;
            if (shown.Length > 0) terminal.Error.Write($"\r{new string(' ', shown.Length)}\r");
            shown = "";
        }
    }

    /// <summary>The time the rest will take at the speed so far, such as "0:01:30 left".</summary>
    public string Left()
    {
        var worked = done - free;
        var seconds = Elapsed * (count - done) / (worked > 1e-3 ? worked : 1);
        var left = TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.FromDays(999).TotalSeconds));
        return string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}:{left:mm\\:ss} left");
    }

    private double Elapsed => time.GetElapsedTime(start).TotalSeconds;

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
            var text = string.Create(CultureInfo.InvariantCulture, $"{(int)((100 * done / count) + 1e-6),3} %{(Elapsed < FirstSeconds ? "" : ", " + Left())}");
            if (text == shown || (shown.Length == 0 && share == 1)) return;
            terminal.Error.Write("\r" + text.PadRight(shown.Length));
            shown = text;
        }
    }

    private sealed class Picture(BatchProgress run, int picture) : IProgress<double>
    {
        public void Report(double share) => run.Report(picture, share);
    }
}
