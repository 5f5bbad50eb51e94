using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Stress;

/// <summary>A picture that photographs are nothing like.</summary>
/// <param name="Family">What kind: "text", "pixel art", …</param>
/// <param name="Number">Which of its family.</param>
/// <param name="Image">8-bit RGB, as sharp as pixels are: what people bring to be enlarged, and the original where it is shrunk first.</param>
/// <param name="HasHardShapes">
/// Whether what leaves the range of its pixels is overshoot and nothing else. Patterns of dots and bars have no range to keep, as every pixel of theirs is an edge;
/// of edges drawn over a pixel's width, what lies between pixels may be darker or brighter than any of them.
/// </param>
public sealed record StressPicture(string Family, int Number, Image Image, bool HasHardShapes)
{
    /// <summary>"text 3".</summary>
    public string Name => $"{Family} {Number}";

    /// <summary>Whether it is made of strokes on a plain ground, where a network must be clearly better than bicubic.</summary>
    public bool IsLineArt => Family is StressPictures.Text or StressPictures.Lines;

    /// <summary>Whether it is the same on every machine: what is not, is shown, and no model is held to it.</summary>
    public bool IsRecorded => Family != StressPictures.Fonts;
}

/// <summary>
/// What networks that are trained on photographs are never asked for: hard edges at full contrast, dots, dithering, writing, screens. Each family is an
/// endless series of pictures; one is a pure function of seed, family and number. Nothing is read from files.
/// </summary>
public static class StressPictures
{
    /// <summary>The seed of the pictures that models are measured on. Training takes others.</summary>
    public const ulong EvaluationSeed = 0;

    /// <summary>Side of a picture that models are measured on: a multiple of every scale from 2 to 4.</summary>
    public const int Side = 72;

    internal const string Text = "text", Lines = "lines", Fonts = "installed fonts";

    private delegate StressCanvas Draw(SeededRandom random, int width, int height);

    // Shapes, or dots, bars and texture.
    private static readonly (string Name, bool IsShape, Draw Draw)[] Families =
    [
        (Text, true, Writing), ("pixel art", true, PixelArt), ("checkerboards", false, Checkerboard), ("gratings", false, Grating), ("edges", true, Edge),
        (Lines, true, Star), ("zone plates", false, ZonePlate), ("1-bit scans", true, Scan), ("dithering", false, Dithering), ("flat colours", true, FlatColours),
        ("screens", true, Screen), ("maps", true, Map), ("noise", false, Noise), ("JPEG blocks", false, Blocks), ("saturated", true, Saturated),
    ];

    private static readonly int[] Shapes = [.. Enumerable.Range(0, Families.Length).Where(family => Families[family].IsShape)];

    private static readonly string[] Words =
        ["Hamburg", "fjord 1984", "The quick brown fox", "0.375 mm", "Sphinx", "jumps over", "PACK MY BOX", "File Edit View", "x-height", "liquor jugs", "12:45", "a/b"];

    private static readonly string[] InstalledFontNames = ["sans 9", "serif 11", "monospace 10", "sans bold 16"];

    /// <summary>The names of the families.</summary>
    public static IReadOnlyList<string> FamilyNames => Array.ConvertAll(Families, f => f.Name);

    /// <summary>The first <paramref name="perFamily"/> pictures of every family.</summary>
    public static IEnumerable<StressPicture> All(int perFamily = 4, ulong seed = EvaluationSeed, int side = Side) =>
        from family in Enumerable.Range(0, Families.Length) from number in Enumerable.Range(0, perFamily) select Make(family, number, seed, side, side);

    /// <summary>How many families are shapes: what <see cref="Shape"/> goes through in turn.</summary>
    internal static int ShapeFamilies => Shapes.Length;

    /// <summary>Number <paramref name="index"/> of the endless series over the families of shapes, for training.</summary>
    public static StressPicture Shape(int width, int height, ulong seed, int index) =>
        Make(Shapes[index % Shapes.Length], index / Shapes.Length, seed, width, height);

    /// <summary>Writing in fonts that this machine has; none where it has no fonts.</summary>
    public static IEnumerable<StressPicture> InstalledFonts(int side = Side)
    {
        foreach (var (number, font) in InstalledFontNames.Index())
        {
            if (Imaging.InstalledFonts.Write(string.Join('\n', Words), font, side) is { } image) yield return new StressPicture(Fonts, number, image, HasHardShapes: false);
        }
    }

    private static StressPicture Make(int family, int number, ulong seed, int width, int height)
    {
        var random = new SeededRandom(seed).Fork((ulong)family).Fork((ulong)number);
        var canvas = Families[family].Draw(random, width, height);
        return new StressPicture(Families[family].Name, number, canvas.Develop(), HasHardShapes: Families[family].IsShape && !canvas.IsSmooth);
    }

    /// <summary>Lines of several sizes, hard or smooth, dark on light, light on dark or coloured.</summary>
    private static StressCanvas Writing(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var canvas = new StressCanvas(width, height, paper) { IsSmooth = random.NextInt(2) == 0 };
        for (float y = random.NextInt(1, 4); y < height - 6;)
        {
            var size = random.NextSingle(6, 16);
            canvas.Text(Words[random.NextInt(Words.Length)], random.NextInt(1, 6), y, size, MathF.Max(0.5f, size * random.NextSingle(0.05f, 0.13f)), ink);
            y += size * 1.6f;
        }
        return canvas;
    }

    /// <summary>Sprites, each the mirror of itself, of cells of one to four pixels.</summary>
    private static StressCanvas PixelArt(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        Ink[] palette = [ink, Any(random), Any(random)];
        var canvas = new StressCanvas(width, height, paper);
        var cell = random.NextInt(1, 5);
        for (var y = 2; y < height; y += 10 * cell)
        for (var x = 2; x < width; x += 10 * cell)
        for (var row = 0; row < 8; row++)
        for (var column = 0; column < 4; column++)
        {
            if (random.NextInt(5) < 2) continue;
            var colour = palette[random.NextInt(4) % palette.Length];
            foreach (var at in (ReadOnlySpan<int>)[column, 7 - column]) canvas.Rectangle(x + (at * cell), y + (row * cell), x + ((at + 1) * cell), y + ((row + 1) * cell), colour);
        }
        return canvas;
    }

    /// <summary>Quarters of different periods.</summary>
    private static StressCanvas Checkerboard(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        int[] periods = [random.NextInt(1, 3), random.NextInt(2, 5), random.NextInt(3, 9), random.NextInt(1, 12)];
        var canvas = new StressCanvas(width, height, paper);
        canvas.Paint((x, y) =>
        {
            var period = periods[(2 * x / width) + (2 * (2 * y / height))];
            return ((x / period) + (y / period)) % 2 == 0 ? ink : paper;
        });
        return canvas;
    }

    /// <summary>Bars upright, level or slanting, their period growing from strip to strip.</summary>
    private static StressCanvas Grating(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        int direction = random.NextInt(4), first = random.NextInt(2, 4), strips = random.NextInt(3, 7);
        var canvas = new StressCanvas(width, height, paper);
        canvas.Paint((x, y) =>
        {
            var (along, across) = direction switch { 0 => (x, y), 1 => (y, x), 2 => (x + y, x), _ => (x - y + height, y) };
            var period = first + (across * strips / Math.Max(width, height));
            return 2 * (along % period) < period ? ink : paper;
        });
        return canvas;
    }

    /// <summary>One edge at any angle and contrast.</summary>
    private static StressCanvas Edge(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var canvas = new StressCanvas(width, height, paper) { IsSmooth = random.NextInt(2) == 0 };
        var (nx, ny) = Direction(random);
        canvas.HalfPlane((width / 2f) + random.NextSingle(-4, 4), (height / 2f) + random.NextSingle(-4, 4), nx, ny, ink);
        return canvas;
    }

    /// <summary>Lines of all directions, one to three pixels wide.</summary>
    private static StressCanvas Star(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var canvas = new StressCanvas(width, height, paper) { IsSmooth = random.NextInt(2) == 0 };
        for (var i = 0; i < 9; i++)
        {
            var (dx, dy) = Direction(random);
            var (x, y, length) = (random.NextSingle(0, width), random.NextSingle(0, height), random.NextSingle(10, width));
            canvas.Line(x, y, x + (dx * length), y + (dy * length), random.NextSingle(0.5f, 1.5f), ink);
        }
        return canvas;
    }

    /// <summary>Rings of every period down to two pixels.</summary>
    private static StressCanvas ZonePlate(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var (x0, y0) = (random.NextSingle(0, width), random.NextSingle(0, height));
        // Half a period a pixel at that distance.
        var reach = random.NextSingle(0.6f, 1.2f) * Math.Max(width, height);
        var canvas = new StressCanvas(width, height, paper);
        canvas.Paint((x, y) => paper.Towards(ink, 0.5f - (0.5f * (float)Math.Cos(Math.PI * (((x - x0) * (x - x0)) + ((y - y0) * (y - y0))) / (2 * reach)))));
        return canvas;
    }

    /// <summary>Writing, a little turned, in black and white alone, with specks.</summary>
    private static StressCanvas Scan(SeededRandom random, int width, int height)
    {
        var canvas = new StressCanvas(width, height, Ink.White);
        var tilt = random.NextSingle(-0.08f, 0.08f);
        for (float y = 3; y < height; y += random.NextSingle(11, 18))
            canvas.Text(Words[random.NextInt(Words.Length)], random.NextInt(0, 5), y, random.NextSingle(7, 12), random.NextSingle(0.5f, 1.1f), Ink.Black, 1, tilt);
        var specks = random.NextSingle(0, 0.02f);
        canvas.Change(ink => random.NextSingle() < specks ? Ink.Grey(255 - ink.R) : ink);
        return canvas;
    }

    /// <summary>A soft picture in two colours: ordered (Bayer) or by error diffusion (Floyd and Steinberg).</summary>
    private static StressCanvas Dithering(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var (dx, dy) = Direction(random);
        var canvas = new StressCanvas(width, height, paper);
        var isOrdered = random.NextInt(2) == 0;
        var errors = new float[2, width + 2];
        canvas.Paint((x, y) =>
        {
            var level = Math.Clamp(0.5f + (0.45f * (((x - (width / 2f)) * dx) + ((y - (height / 2f)) * dy)) / (0.6f * width)), 0, 1);
            if (isOrdered) return level > Bayer(x, y) ? ink : paper;
            if (x == 0)
            {
                for (var i = 0; i < width + 2; i++) (errors[y % 2, i], errors[(y + 1) % 2, i]) = (errors[y % 2, i], 0);
            }
            level += errors[y % 2, x + 1];
            var error = level - (level > 0.5f ? 1 : 0);
            errors[y % 2, x + 2] += error * 7 / 16;
            errors[(y + 1) % 2, x] += error * 3 / 16;
            errors[(y + 1) % 2, x + 1] += error * 5 / 16;
            errors[(y + 1) % 2, x + 2] += error / 16;
            return level > 0.5f ? ink : paper;
        });
        return canvas;

        // Interleaved bits of x^y and y, mirrored, over 64.
        static float Bayer(int x, int y)
        {
            var value = 0;
            for (var bit = 0; bit < 3; bit++) value = (4 * value) + (2 * (((x ^ y) >> bit) & 1)) + ((y >> bit) & 1);
            return (value + 0.5f) / 64;
        }
    }

    /// <summary>A few large patches, black and white among them.</summary>
    private static StressCanvas FlatColours(SeededRandom random, int width, int height)
    {
        var canvas = new StressCanvas(width, height, random.NextInt(2) == 0 ? Ink.White : Ink.Black);
        for (var i = 0; i < 5; i++)
        {
            var (x, y) = (random.NextInt(width), random.NextInt(height));
            canvas.Rectangle(x, y, x + random.NextInt(8, width), y + random.NextInt(8, height), Any(random));
        }
        return canvas;
    }

    /// <summary>Windows with title bars, buttons, labels and icons.</summary>
    private static StressCanvas Screen(SeededRandom random, int width, int height)
    {
        var isDark = random.NextInt(2) == 0;
        Ink desk = Any(random), face = Ink.Grey(isDark ? 43 : 240), edge = Ink.Grey(isDark ? 96 : 160), label = isDark ? Ink.Grey(230) : Ink.Black, accent = Any(random);
        var canvas = new StressCanvas(width, height, desk) { IsSmooth = random.NextInt(2) == 0 };
        for (var y = 3; y < height - 10; y += 60)
        for (var x = 3; x < width - 10; x += 66)
        {
            canvas.Rectangle(x, y, x + 60, y + 54, face);
            canvas.Rectangle(x, y, x + 60, y + 10, accent);
            canvas.Frame(x, y, x + 60, y + 54, edge);
            canvas.Text(Words[random.NextInt(Words.Length)], x + 3, y + 2, 6, 0.5f, Ink.White);
            canvas.Line(x + 53, y + 3, x + 57, y + 7, 0.5f, Ink.White);
            canvas.Line(x + 57, y + 3, x + 53, y + 7, 0.5f, Ink.White);
            for (var row = 0; row < 3; row++)
            {
                var top = y + 14 + (13 * row);
                canvas.Rectangle(x + 4, top, x + 12, top + 8, Any(random));
                canvas.Text(Words[random.NextInt(Words.Length)], x + 15, top + 1, 6, 0.5f, label);
                if (random.NextInt(2) == 0) canvas.Frame(x + 13, top - 2, x + 58, top + 10, edge);
            }
        }
        return canvas;
    }

    /// <summary>Regions, roads with borders, dotted lines, places with names.</summary>
    private static StressCanvas Map(SeededRandom random, int width, int height)
    {
        var canvas = new StressCanvas(width, height, new Ink(242, 239, 233)) { IsSmooth = random.NextInt(3) > 0 };
        Ink[] land = [new(200, 225, 180), new(170, 211, 223), new(224, 223, 223), new(250, 200, 160)];
        for (var i = 0; i < 3; i++)
        {
            var (nx, ny) = Direction(random);
            var (x, y) = ((width / 2f) - (random.NextSingle(0.2f, 0.6f) * width * nx), (height / 2f) - (random.NextSingle(0.2f, 0.6f) * height * ny));
            canvas.HalfPlane(x, y, nx, ny, land[random.NextInt(land.Length)]);
        }
        for (var i = 0; i < 4; i++)
        {
            var (dx, dy) = Direction(random);
            var (x, y, half) = (random.NextSingle(0, width), random.NextSingle(0, height), random.NextSingle(0.6f, 2.5f));
            canvas.Line(x - (dx * width), y - (dy * width), x + (dx * width), y + (dy * width), half + 1, Ink.Grey(120));
            canvas.Line(x - (dx * width), y - (dy * width), x + (dx * width), y + (dy * width), half, i == 0 ? new Ink(252, 214, 164) : Ink.White);
            for (var dot = -6; dot < 6; dot++) canvas.Disc(y + (dot * 5 * dy), x - (dot * 5 * dx), 0.9f, new Ink(190, 60, 140));
        }
        for (var i = 0; i < 3; i++)
        {
            var (x, y) = (random.NextInt(4, width - 20), random.NextInt(4, height - 10));
            canvas.Disc(x, y, 2, Ink.Black);
            canvas.Text(Words[random.NextInt(Words.Length)], x + 4, y - 3, 6.5f, 0.55f, Ink.Grey(40));
        }
        return canvas;
    }

    /// <summary>Gaussian, uniform, or lone pixels.</summary>
    private static StressCanvas Noise(SeededRandom random, int width, int height)
    {
        var (ink, paper) = Pair(random);
        var (kind, strength, middle) = (random.NextInt(3), random.NextSingle(5, 60), random.NextSingle(60, 196));
        var isGrey = random.NextInt(2) == 0;
        var canvas = new StressCanvas(width, height, paper);
        canvas.Paint((_, _) => kind switch
        {
            0 when isGrey => Ink.Grey(Normal()),
            0 => new Ink(Normal(), Normal(), Normal()),
            1 => paper.Towards(ink, random.NextSingle()),
            _ => random.NextSingle() < strength / 300 ? ink : paper,
        });
        return canvas;

        float Normal() => middle + (strength * (float)random.NextGaussian());
    }

    /// <summary>A generated photograph whose 8×8 blocks were quantised as JPEG does at a low quality.</summary>
    private static StressCanvas Blocks(SeededRandom random, int width, int height)
    {
        var picture = SyntheticImages.Generate(width, height, random.NextUInt64());
        var canvas = new StressCanvas(width, height, Ink.Black);
        var luma = new JpegBlocks(random.NextInt(8, 40)).Run(Array.ConvertAll(Enumerable.Range(0, width * height).ToArray(), i => (float)picture[(3 * i) + 1]), width, height);
        canvas.Paint((x, y) => Ink.Grey(luma[(y * width) + x]));
        return canvas;
    }

    /// <summary>Pure red, green, blue and their mixtures side by side.</summary>
    private static StressCanvas Saturated(SeededRandom random, int width, int height)
    {
        var canvas = new StressCanvas(width, height, Pure(random)) { IsSmooth = random.NextInt(2) == 0 };
        for (var i = 0; i < 4; i++) canvas.Disc(random.NextSingle(0, width), random.NextSingle(0, height), random.NextSingle(4, 20), Pure(random));
        for (var i = 0; i < 3; i++)
        {
            var (x, y) = (random.NextInt(width), random.NextInt(height));
            canvas.Rectangle(x, y, x + random.NextInt(2, 30), y + random.NextInt(2, 30), Pure(random));
        }
        canvas.Text(Words[random.NextInt(Words.Length)], 3, height / 2f, 10, 1, Pure(random));
        return canvas;
    }

    /// <summary>Ink and paper: black and white half of the time, else greys or colours of some contrast.</summary>
    private static (Ink Ink, Ink Paper) Pair(SeededRandom random)
    {
        var kind = random.NextInt(6);
        if (kind < 2) return (Ink.Black, Ink.White);
        if (kind == 2) return (Ink.White, Ink.Black);
        if (kind == 3) return (Any(random), Ink.White);
        var (dark, contrast) = (random.NextSingle(0, 120), random.NextSingle(16, 135));
        var pair = (Ink.Grey(dark), Ink.Grey(dark + contrast));
        return kind == 4 ? pair : (pair.Item2, pair.Item1);
    }

    private static Ink Any(SeededRandom random) => new(random.NextInt(256), random.NextInt(256), random.NextInt(256));

    private static Ink Pure(SeededRandom random)
    {
        var bits = random.NextInt(8);
        return new Ink(255 * (bits & 1), 255 * ((bits >> 1) & 1), 255 * (bits >> 2));
    }

    private static (float X, float Y) Direction(SeededRandom random)
    {
        var angle = 2 * Math.PI * random.NextDouble();
        return ((float)Math.Cos(angle), (float)Math.Sin(angle));
    }
}
