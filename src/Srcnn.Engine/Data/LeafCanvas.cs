using Srcnn.Kernels;

namespace Srcnn.Engine.Data;

/// <summary>Paints leaves from front to back: what is already covered costs nothing, and a picture is done when all of it is.</summary>
internal sealed class LeafCanvas(int width, int height, NoiseTile noise)
{
    // Below this share of light passing, less than a quarter of an 8-bit step, a pixel is finished.
    private const float Finished = 1f / 1024;

    private readonly float[] colours = new float[width * height * 3];
    private readonly float[] passing = [.. Enumerable.Repeat(1f, width * height)];
    private int open = width * height;

    /// <summary>Share of the pixels that another leaf could still change.</summary>
    public float Open => open / (float)(width * height);

    /// <summary>Puts a leaf behind all that are there. Each pixel takes the share its edge covers: edges are antialiased by distance.</summary>
    public void Place(Leaf leaf)
    {
        var reach = leaf.Reach;
        var (left, right) = (Math.Max(0, (int)MathF.Floor(leaf.X - reach)), Math.Min(width - 1, (int)MathF.Ceiling(leaf.X + reach)));
        var (top, bottom) = (Math.Max(0, (int)MathF.Floor(leaf.Y - reach)), Math.Min(height - 1, (int)MathF.Ceiling(leaf.Y + reach)));
        for (var y = top; y <= bottom; y++)
        for (var x = left; x <= right; x++)
        {
            var i = (y * width) + x;
            if (passing[i] < Finished) continue;
            var (dx, dy) = (x - leaf.X, y - leaf.Y);
            var (u, v) = ((leaf.Axis.X * dx) + (leaf.Axis.Y * dy), (leaf.Axis.X * dy) - (leaf.Axis.Y * dx));
            var distance = leaf.Distance(u, v, noise);
            var cover = Math.Clamp(0.5f - (distance / leaf.EdgeWidth), 0, 1);
            if (cover > 0) Paint(i, leaf, leaf.Shade(u, v, noise), cover);
            if (distance > 0 && distance < leaf.Shadow.Width)
            {
                var depth = 1 - (distance / leaf.Shadow.Width);
                passing[i] *= 1 - (leaf.Shadow.Strength * depth * depth);
            }
            if (passing[i] < Finished) open--;
        }
    }

    private void Paint(int pixel, Leaf leaf, float shade, float cover)
    {
        var share = passing[pixel] * cover;
        colours[3 * pixel] += share * Math.Clamp(leaf.Colour.R * shade, 0, 1);
        colours[(3 * pixel) + 1] += share * Math.Clamp(leaf.Colour.G * shade, 0, 1);
        colours[(3 * pixel) + 2] += share * Math.Clamp(leaf.Colour.B * shade, 0, 1);
        passing[pixel] -= share;
    }

    /// <summary>
    /// The picture as a camera would give it: each row and column blurred by (blur, 1 − 2·blur, blur), noise of that
    /// deviation added, 8 bit, [height, width, RGB].
    /// </summary>
    public byte[] Develop(float blur, float grain, SeededRandom random)
    {
        Blur(height, width, width * 3, 3, blur);
        Blur(width, height, 3, width * 3, blur);
        var bytes = new byte[colours.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            // Two uniform numbers from one draw; the sum's deviation is 1/√6.
            var bits = random.NextUInt64();
            var triangular = ((bits >> 40) + ((bits >> 8) & 0xffffff)) * (1f / (1 << 24)) - 1;
            bytes[i] = (byte)Math.Clamp((255 * (colours[i] + (grain * 2.4495f * triangular))) + 0.5f, 0, 255);
        }
        return bytes;
    }

    private void Blur(int lines, int length, int lineStride, int stride, float blur)
    {
        for (var line = 0; line < lines; line++)
        for (var channel = 0; channel < 3; channel++)
        {
            var start = (line * lineStride) + channel;
            var previous = colours[start];
            for (var i = 0; i < length; i++)
            {
                var at = start + (i * stride);
                var (here, next) = (colours[at], colours[i + 1 < length ? at + stride : at]);
                colours[at] = here + (blur * (previous - here + next - here));
                previous = here;
            }
        }
    }
}
