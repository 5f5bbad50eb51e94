using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Reports;

/// <summary>Words in pictures. The letters are drawn in <c>letters.txt</c>, so no font is needed on the machine and every machine makes the same picture.</summary>
internal static class Caption
{
    /// <summary>Pixels from one letter to the next, and from its top to the foot of a g.</summary>
    public const int Width = 6, Height = 9;

    private const char First = ' ', Last = '~', Unknown = '?';
    private const int LettersInARow = 16;

    private static readonly Lazy<string[]> Drawing = new(() =>
    {
        using var reader = new StreamReader(typeof(Caption).Assembly.GetManifestResourceStream("letters.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
    });

    /// <summary>Writes black letters, every pixel of them <paramref name="zoom"/> wide and high. What is not ASCII is a question mark.</summary>
    public static void Write(string text, Image picture, int x, int y, int zoom)
    {
        var drawing = Drawing.Value;
        var colors = picture.Channels <= 2 ? 1 : 3;
        for (var row = 0; row < Height * zoom; row++)
        {
            var pixels = picture.Row(y + row);
            for (var column = 0; column < text.Length * Width * zoom; column++)
            {
                var letter = text[column / (Width * zoom)];
                var (down, right) = Math.DivRem((letter is < First or > Last ? Unknown : letter) - First, LettersInARow);
                if (drawing[(down * Height) + (row / zoom)][(right * Width) + (column / zoom % Width)] == '#')
                    pixels.Slice((x + column) * picture.Channels, colors).Clear();
            }
        }
    }

    /// <summary>The text, or its end where only so many letters fit: what tells two paths apart.</summary>
    public static string Fitted(string text, int letters) => text.Length <= letters ? text : ".." + text[^(letters - 2)..];
}
