using System.Drawing;

namespace Srcnn.Cli.Commands;

/// <summary>The colour that pictures with alpha are laid on.</summary>
internal sealed record BackgroundColor(byte Red, byte Green, byte Blue)
{
    /// <summary>Reads a name of a colour, or the digits of HTML.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static BackgroundColor Of(string text)
    {
        try
        {
            var color = ColorTranslator.FromHtml(text);
            if (color is { IsEmpty: false, IsSystemColor: false, A: byte.MaxValue }) return new BackgroundColor(color.R, color.G, color.B);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
        }
        throw new UsageException($"--background is '{text}'; expected a colour such as white, black or '#20a0ff'; correct it");
    }
}
