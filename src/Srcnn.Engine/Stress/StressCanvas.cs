using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Stress;

/// <summary>A colour, each channel in [0, 255].</summary>
internal readonly record struct Ink(float R, float G, float B)
{
    public static readonly Ink Black = new(0, 0, 0), White = new(255, 255, 255);

    public static Ink Grey(float level) => new(level, level, level);

    public Ink Towards(Ink other, float share) => new(R + (share * (other.R - R)), G + (share * (other.G - G)), B + (share * (other.B - B)));
}

/// <summary>What stress pictures are drawn on. Shapes are hard (a pixel is inside or not) or have edges of a pixel's width.</summary>
internal sealed class StressCanvas
{
    private readonly Ink[] pixels;

    public StressCanvas(int width, int height, Ink paper)
    {
        (Width, Height) = (width, height);
        pixels = new Ink[width * height];
        Array.Fill(pixels, paper);
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Whether edges are softened over a pixel.</summary>
    public bool IsSmooth { get; init; }

    /// <summary>Sets every pixel from its column and row.</summary>
    public void Paint(Func<int, int, Ink> colour)
    {
        for (var y = 0; y < Height; y++)
        for (var x = 0; x < Width; x++)
            pixels[(y * Width) + x] = colour(x, y);
    }

    /// <summary>Changes every pixel on its own, in order.</summary>
    public void Change(Func<Ink, Ink> change)
    {
        for (var i = 0; i < pixels.Length; i++) pixels[i] = change(pixels[i]);
    }

    public Ink At(int x, int y) => pixels[(y * Width) + x];

    /// <summary>Whole pixels [x0, x1) × [y0, y1).</summary>
    public void Rectangle(int x0, int y0, int x1, int y1, Ink ink)
    {
        for (var y = Math.Max(0, y0); y < Math.Min(Height, y1); y++)
        for (var x = Math.Max(0, x0); x < Math.Min(Width, x1); x++)
            pixels[(y * Width) + x] = ink;
    }

    /// <summary>The outline of a rectangle, a pixel wide.</summary>
    public void Frame(int x0, int y0, int x1, int y1, Ink ink)
    {
        Rectangle(x0, y0, x1, y0 + 1, ink);
        Rectangle(x0, y1 - 1, x1, y1, ink);
        Rectangle(x0, y0, x0 + 1, y1, ink);
        Rectangle(x1 - 1, y0, x1, y1, ink);
    }

    /// <summary>All points closer than <paramref name="half"/> to a segment; pixel centres lie at whole numbers.</summary>
    public void Line(float x0, float y0, float x1, float y1, float half, Ink ink)
    {
        float dx = x1 - x0, dy = y1 - y0, square = Math.Max((dx * dx) + (dy * dy), 1e-6f);
        Fill(ink, half, (x, y) =>
        {
            var t = Math.Clamp((((x - x0) * dx) + ((y - y0) * dy)) / square, 0, 1);
            float ox = x - x0 - (t * dx), oy = y - y0 - (t * dy);
            return MathF.Sqrt((ox * ox) + (oy * oy));
        });
    }

    /// <summary>A disc.</summary>
    public void Disc(float x0, float y0, float radius, Ink ink) => Fill(ink, radius, (x, y) => MathF.Sqrt(((x - x0) * (x - x0)) + ((y - y0) * (y - y0))));

    /// <summary>All points to one side of a line through (x0, y0): where (x − x0)·nx + (y − y0)·ny is negative.</summary>
    public void HalfPlane(float x0, float y0, float nx, float ny, Ink ink) => Fill(ink, 0, (x, y) => ((x - x0) * nx) + ((y - y0) * ny));

    /// <summary>Writes a line of text, its capitals <paramref name="size"/> pixels high, from (x, y) at their top left, turned by the direction (ux, uy).</summary>
    public void Text(string text, float x, float y, float size, float half, Ink ink, float ux = 1, float uy = 0)
    {
        var unit = size / StrokeFont.CapHeight;
        for (var letter = 0; letter < text.Length; letter++)
        foreach (var stroke in StrokeFont.Strokes(text[letter]))
        for (var i = 1; i < stroke.Length; i++)
        {
            var ((ax, ay), (bx, by)) = (Place(stroke[i - 1]), Place(stroke[i]));
            Line(ax, ay, bx, by, half, ink);

            (float, float) Place((float X, float Y) p)
            {
                float right = ((letter * StrokeFont.Advance) + p.X) * unit, down = p.Y * unit;
                return (x + (right * ux) - (down * uy), y + (right * uy) + (down * ux));
            }
        }
    }

    /// <summary>The picture in 8-bit RGB, rounded and clipped.</summary>
    public Image Develop()
    {
        var image = new Image(Width, Height, 3);
        for (var i = 0; i < pixels.Length; i++) (image.Samples[3 * i], image.Samples[(3 * i) + 1], image.Samples[(3 * i) + 2]) = (Level(pixels[i].R), Level(pixels[i].G), Level(pixels[i].B));
        return image;

        static ushort Level(float value) => (ushort)Math.Clamp((int)MathF.Floor(value + 0.5f), 0, 255);
    }

    private void Fill(Ink ink, float half, Func<float, float, float> distance)
    {
        for (var y = 0; y < Height; y++)
        for (var x = 0; x < Width; x++)
        {
            var inside = half - distance(x, y);
            var share = IsSmooth ? Math.Clamp(inside + 0.5f, 0, 1) : inside >= 0 ? 1 : 0;
            ref var pixel = ref pixels[(y * Width) + x];
            if (share > 0) pixel = pixel.Towards(ink, share);
        }
    }
}
