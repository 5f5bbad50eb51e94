using System.Globalization;

namespace Srcnn.Cli;

/// <summary>The share of the picture in hand that is done, in place on the error stream; gone afterwards. Silent where nobody watches.</summary>
internal sealed class PictureProgress(Terminal terminal) : IProgress<double>, IDisposable
{
    private int shown;

    /// <param name="share">In [0, 1]; a picture that is done at once shows nothing.</param>
    public void Report(double share)
    {
        var percent = (int)(100 * share);
        if (!terminal.IsLive || percent == shown || (shown == 0 && percent == 100)) return;
        shown = percent;
        terminal.Error.Write(string.Create(CultureInfo.InvariantCulture, $"\r{percent,3} %"));
    }

    public void Dispose()
    {
        if (shown > 0) terminal.Error.Write("\r     \r");
    }
}
