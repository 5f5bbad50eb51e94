using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Reports;

/// <summary>Words in pictures. The letters are drawn in <c>letters.txt</c>, so no font is needed on the machine and every machine makes the same picture.</summary>
internal static class Caption
{
    /// <summary>Pixels from one letter to the next, and from its top to the foot of a g.</summary>
    public const int Width = 6, Height = 9;

    private const string Gap = "..";
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

    /// <summary>
    /// The text in at most <paramref name="most"/> lines of so many letters, broken behind a slash or a space where a line has one. What is too long
    /// even so loses its middle.
    /// </summary>
    public static IReadOnlyList<string> Lines(string text, int letters, int most)
    {
        List<string> lines = [];
        for (var rest = text; rest.Length > 0; rest = rest[lines[^1].Length..])
        {
            var end = rest.Length <= letters ? rest.Length
                : rest.AsSpan(0, letters).LastIndexOfAny('/', '\\', ' ') is >= 0 and var at ? at + 1
                : letters;
            lines.Add(rest[..end]);
        }
        if (lines.Count <= most) return lines;
        var room = (letters * most) - Gap.Length;
        var whole = text.Length <= letters * most ? text : text[..(room / 2)] + Gap + text[^(room - (room / 2))..];
        return [.. whole.Chunk(letters).Select(line => new string(line))];
    }
}
