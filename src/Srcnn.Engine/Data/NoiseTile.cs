using Srcnn.Kernels;

namespace Srcnn.Engine.Data;

/// <summary>A square of fractal noise that continues over its edges: mean 0, deviation about 1, amplitude falling as 1/frequency like natural textures.</summary>
internal sealed class NoiseTile
{
    private const int Size = 128;
    private const int Mask = Size - 1;

    private readonly float[] values = new float[Size * Size];

    public NoiseTile(SeededRandom random)
    {
        for (var cells = 4; cells <= Size; cells *= 2) AddOctave(random, cells, 1f / MathF.Sqrt(cells));
        var energy = 0.0;
        foreach (var value in values) energy += value * value;
        var gain = (float)(1 / Math.Sqrt(energy / values.Length));
        for (var i = 0; i < values.Length; i++) values[i] *= gain;
    }

    /// <summary>The noise at a point in tile pixels, linear in between. Coordinates stay far below 2^30.</summary>
    public float Sample(float x, float y)
    {
        var (left, top) = (MathF.Floor(x), MathF.Floor(y));
        var (fx, fy) = (x - left, y - top);
        var (x0, y0) = ((int)left & Mask, ((int)top & Mask) * Size);
        var (x1, y1) = ((x0 + 1) & Mask, (y0 + Size) & (Mask * Size));
        var above = values[y0 + x0] + ((values[y0 + x1] - values[y0 + x0]) * fx);
        var below = values[y1 + x0] + ((values[y1 + x1] - values[y1 + x0]) * fx);
        return above + ((below - above) * fy);
    }

    private void AddOctave(SeededRandom random, int cells, float amplitude)
    {
        var lattice = new float[cells * cells];
        for (var i = 0; i < lattice.Length; i++) lattice[i] = random.NextSingle(-amplitude, amplitude);
        var step = Size / cells;
        for (var y = 0; y < Size; y++)
        for (var x = 0; x < Size; x++)
        {
            var (fx, fy) = (Ease((x % step) / (float)step), Ease((y % step) / (float)step));
            var (x0, y0) = (x / step, y / step * cells);
            var (x1, y1) = ((x0 + 1) % cells, (y0 + cells) % (cells * cells));
            var above = lattice[y0 + x0] + ((lattice[y0 + x1] - lattice[y0 + x0]) * fx);
            var below = lattice[y1 + x0] + ((lattice[y1 + x1] - lattice[y1 + x0]) * fx);
            values[(y * Size) + x] += above + ((below - above) * fy);
        }
    }

    private static float Ease(float t) => t * t * (3 - (2 * t));
}
