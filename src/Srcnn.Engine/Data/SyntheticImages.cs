using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Data;

/// <summary>
/// Pictures to train on where there are no photographs: "dead leaves", opaque shapes that hide each other, with sizes of
/// density r⁻³. Such pictures share with natural ones what super-resolution learns from: edges of all directions and
/// sharpness at every scale, a 1/f² power spectrum, flat regions and texture (Lee, Mumford and Huang, 2001).
/// </summary>
public static class SyntheticImages
{
    /// <summary>Number <paramref name="index"/> of the endless series of pictures that belongs to <paramref name="seed"/>.</summary>
    public static Image Picture(int width, int height, ulong seed, int index)
    {
        var rgb = Generate(width, height, new SeededRandom(seed).Fork((ulong)index).NextUInt64());
        return new Image(width, height, 3, 8, Array.ConvertAll(rgb, v => (ushort)v));
    }

    /// <summary>A picture of 8-bit RGB, [height, width, 3]. Depends on the three numbers alone, on every platform.</summary>
    public static byte[] Generate(int width, int height, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(3L * width * height, Array.MaxLength, nameof(height));
        var random = new SeededRandom(seed);
        var noise = new NoiseTile(random);
        var canvas = new LeafCanvas(width, height, noise);
        var scene = new Scene(random, width, height);
        var leaves = 64 + (width * height / 8);
        for (var i = 0; i < leaves && canvas.Open > 0.01f; i++)
        {
            foreach (var leaf in scene.Next()) canvas.Place(leaf);
        }
        canvas.Place(scene.Background());
        return canvas.Develop(blur: random.NextSingle(0, 0.16f), grain: random.NextSingle() * random.NextSingle() * 0.012f, random);
    }

    /// <summary>The character of one picture: its colours, its smallest leaf, which shapes and textures are common in it.</summary>
    private sealed class Scene
    {
        private readonly SeededRandom random;
        private readonly int width;
        private readonly int height;
        private readonly float smallest;
        private readonly float largest;
        private readonly float texture;
        private readonly float focus;
        private readonly float grouping;
        private readonly (float R, float G, float B)[] palette;
        private readonly LeafShape[] shapes;

        public Scene(SeededRandom random, int width, int height)
        {
            (this.random, this.width, this.height) = (random, width, height);
            var coarse = random.NextSingle();
            smallest = 1.5f + (14 * coarse * coarse);
            largest = MathF.Max(2 * smallest, 0.45f * Math.Max(width, height));
            texture = random.NextSingle();
            focus = random.NextSingle(0.5f, 1);
            grouping = random.NextSingle(0, 0.008f);
            var (saturation, contrast) = (random.NextSingle(0, 0.12f), random.NextSingle(0.12f, 0.46f));
            var middle = random.NextSingle(contrast, 1 - contrast);
            palette = [.. Enumerable.Range(0, random.NextInt(4, 12)).Select(_ => Colour(middle, contrast, saturation))];
            shapes = [.. Enumerable.Range(0, 4).Select(_ => (LeafShape)random.NextInt(random.NextInt(3, 5)))];
        }

        /// <summary>The next leaf behind those before it, or a whole group: a row of bars, a line of writing.</summary>
        public IEnumerable<Leaf> Next()
        {
            var kind = random.NextSingle();
            return kind < grouping ? Bars() : kind < 2 * grouping ? Writing() : [Single()];
        }

        public Leaf Background() => Dress(new Leaf(LeafShape.Bar, width / 2f, height / 2f, width, height)) with { Wobble = 0, EdgeWidth = 1 };

        private Leaf Single()
        {
            var shape = shapes[random.NextInt(shapes.Length)];
            var size = Size();
            var aspect = random.NextSingle(0.3f, 1);
            if (shape == LeafShape.Bar) aspect *= aspect * random.NextSingle();
            var leaf = new Leaf(shape, random.NextSingle(0, width), random.NextSingle(0, height), size, MathF.Max(size * aspect, 0.6f)) { Axis = Direction() };
            if (shape == LeafShape.Polygon) leaf = leaf with { Sides = Sides(size) };
            return Dress(leaf);
        }

        private IEnumerable<Leaf> Bars()
        {
            var (x, y, axis) = (random.NextSingle(0, width), random.NextSingle(0, height), Direction());
            var half = random.NextSingle(0.7f, 5);
            var step = half * random.NextSingle(3, 6);
            var length = half * random.NextSingle(8, 40);
            var first = Dress(new Leaf(LeafShape.Bar, x, y, length, half) { Axis = axis });
            for (var (i, count) = (0, random.NextInt(3, 12)); i < count; i++)
                yield return first with { X = x - (axis.Y * step * i), Y = y + (axis.X * step * i) };
        }

        private IEnumerable<Leaf> Writing()
        {
            var (x, y) = (random.NextSingle(0, width), random.NextSingle(0, height));
            var axis = random.NextInt(3) == 0 ? Direction() : (X: 1f, Y: 0f);
            var size = random.NextSingle(3, 12);
            var stroke = Dress(new Leaf(LeafShape.Bar, x, y, size, MathF.Max(0.5f, size * random.NextSingle(0.12f, 0.3f)))) with { Wobble = 0, Shadow = (0, 0) };
            for (var (letter, letters) = (0, random.NextInt(3, 14)); letter < letters; letter++)
            for (var (i, strokes) = (0, random.NextInt(2, 5)); i < strokes; i++)
            {
                var (across, along) = (random.NextInt(-1, 2) * size, (random.NextInt(-1, 2) * 0.6f * size) + (letter * 2.2f * size));
                var (upright, whole) = (random.NextInt(2) == 0, random.NextInt(3) > 0 ? 1f : 0.5f);
                yield return stroke with
                {
                    X = x + (axis.X * along) - (axis.Y * (upright ? 0 : across)),
                    Y = y + (axis.Y * along) + (axis.X * (upright ? 0 : across)),
                    HalfWidth = size * whole * (upright ? 1 : 0.7f),
                    Axis = upright ? (-axis.Y, axis.X) : axis,
                };
            }
        }

        /// <summary>Gives a leaf its colour, edge, shading and texture.</summary>
        private Leaf Dress(Leaf leaf)
        {
            var colour = palette[random.NextInt(palette.Length)];
            var light = 1 + (0.12f * (float)random.NextGaussian());
            var small = MathF.Min(leaf.HalfWidth, leaf.HalfHeight);
            return leaf with
            {
                Colour = (colour.R * light, colour.G * light, colour.B * light),
                EdgeWidth = random.NextSingle() < focus ? random.NextSingle(0.9f, 1.5f) : random.NextSingle(1.5f, MathF.Max(1.6f, MathF.Min(small, 8))),
                Wobble = random.NextInt(2) == 0 ? small * random.NextSingle(0, 0.3f) : 0,
                Gradient = (random.NextSingle(-0.35f, 0.35f), random.NextSingle(-0.35f, 0.35f)),
                Grain = Grain(),
                Stripes = Stripes(),
                Shadow = random.NextInt(3) == 0 ? (random.NextSingle(0.1f, 0.6f), MathF.Min(2 + small, 12)) : (0, 0),
            };
        }

        private (float Amplitude, float U, float V) Grain()
        {
            if (random.NextSingle() > texture) return (0.03f * random.NextSingle(), 0.5f, 0.5f);
            var scale = random.NextSingle(0.3f, 1.6f);
            var fibre = random.NextInt(3) == 0 ? random.NextSingle(0.1f, 0.5f) : 1;
            var strength = random.NextSingle();
            return (0.3f * strength * strength, scale * fibre, scale);
        }

        private (float Amplitude, float U, float V, float Gain) Stripes()
        {
            if (random.NextSingle() > 0.25f * texture) return (0, 0, 0, 0);
            var axis = Direction();
            // Periods from 3 to 30 pixels; squared off only as far as a pixel can show.
            var period = 1 / random.NextSingle(1 / 30f, 1 / 3f);
            return (random.NextSingle(0.05f, 0.5f), axis.X / period, axis.Y / period, random.NextInt(2) == 0 ? 1 : MathF.Max(1, period / 5));
        }

        private (float R, float G, float B) Colour(float middle, float contrast, float saturation)
        {
            var luma = random.NextSingle(middle - contrast, middle + contrast);
            var (red, blue) = (saturation * (float)random.NextGaussian(), saturation * (float)random.NextGaussian());
            return (Channel(luma + red), Channel(luma - (0.5f * red) - (0.2f * blue)), Channel(luma + blue));
        }

        private static float Channel(float value) => Math.Clamp(value, 0.01f, 1);

        // The inverse of the distribution function of the density r⁻³.
        private float Size()
        {
            var (most, least) = (1 / (smallest * smallest), 1 / (largest * largest));
            return 1 / MathF.Sqrt(least + ((most - least) * random.NextSingle()));
        }

        private (float X, float Y, float Distance)[] Sides(float size)
        {
            var sides = new (float, float, float)[random.NextInt(3, 7)];
            // Directions spread around the circle, so that the polygon is closed and no corner runs far away.
            var (x, y) = Direction();
            (float X, float Y) turn = sides.Length switch { 3 => (-0.5f, 0.8660254f), 4 => (0, 1), 5 => (0.309017f, 0.9510565f), _ => (0.5f, 0.8660254f) };
            for (var i = 0; i < sides.Length; i++)
            {
                sides[i] = (x, y, size * random.NextSingle(0.35f, 0.75f));
                (x, y) = ((x * turn.X) - (y * turn.Y), (x * turn.Y) + (y * turn.X));
            }
            return sides;
        }

        private (float X, float Y) Direction()
        {
            while (true)
            {
                var (x, y) = (random.NextSingle(-1, 1), random.NextSingle(-1, 1));
                var square = (x * x) + (y * y);
                if (square is > 1 or < 0.01f) continue;
                var length = MathF.Sqrt(square);
                return (x / length, y / length);
            }
        }
    }
}
