namespace Srcnn.Engine.Data;

/// <summary>What a leaf's outline is, before it is turned and moved.</summary>
internal enum LeafShape
{
    Ellipse,
    Polygon,
    Bar,
    Ring,
}

/// <summary>One opaque, textured shape of a dead-leaves picture. Lengths are pixels, colours [0, 1].</summary>
internal sealed record Leaf(LeafShape Shape, float X, float Y, float HalfWidth, float HalfHeight)
{
    /// <summary>Direction of the leaf's own first axis, a unit vector.</summary>
    public (float X, float Y) Axis { get; init; } = (1, 0);

    /// <summary>The outward normals of a polygon's sides and their distances from the centre.</summary>
    public (float X, float Y, float Distance)[] Sides { get; init; } = [];

    public (float R, float G, float B) Colour { get; init; }

    /// <summary>Width of the band in which the edge goes from 0 to 1: 1 is sharp, more is out of focus.</summary>
    public float EdgeWidth { get; init; } = 1;

    /// <summary>How far noise bends the outline, in pixels.</summary>
    public float Wobble { get; init; }

    /// <summary>Change of brightness from the centre to the rim along each axis.</summary>
    public (float U, float V) Gradient { get; init; }

    /// <summary>Strength of the noise texture and tile pixels per pixel along each axis; unequal ones look like fibre.</summary>
    public (float Amplitude, float U, float V) Grain { get; init; }

    /// <summary>Strength of stripes, their cycles per pixel along each axis, and a gain that squares them off.</summary>
    public (float Amplitude, float U, float V, float Gain) Stripes { get; init; }

    /// <summary>Darkness of the shadow this leaf throws around itself, and its width.</summary>
    public (float Strength, float Width) Shadow { get; init; }

    /// <summary>Farthest distance from the centre at which the leaf or its shadow is seen.</summary>
    public float Reach
    {
        get
        {
            var radius = Shape == LeafShape.Bar ? MathF.Sqrt((HalfWidth * HalfWidth) + (HalfHeight * HalfHeight)) : MathF.Max(HalfWidth, HalfHeight);
            foreach (var side in Sides) radius = MathF.Max(radius, 2 * side.Distance);
            return radius + EdgeWidth + (2 * Wobble) + Shadow.Width;
        }
    }

    /// <summary>Signed distance in pixels to the outline from a point in the leaf's own axes, negative inside.</summary>
    public float Distance(float u, float v, NoiseTile noise)
    {
        var distance = Shape switch
        {
            LeafShape.Bar => Box(u, v),
            LeafShape.Polygon => Polygon(u, v),
            LeafShape.Ring => MathF.Abs(Ellipse(u, v, HalfWidth * 0.8f, HalfWidth * 0.8f)) - (HalfHeight * 0.2f),
            _ => Ellipse(u, v, HalfWidth, HalfHeight),
        };
        if (Wobble == 0) return distance;
        var frequency = 8 / MathF.Max(HalfWidth, 8);
        return distance + (Wobble * noise.Sample((u * frequency) + X, (v * frequency) + Y));
    }

    /// <summary>Factor on the colour at a point in the leaf's own axes.</summary>
    public float Shade(float u, float v, NoiseTile noise)
    {
        var shade = 1 + (Gradient.U * u / HalfWidth) + (Gradient.V * v / HalfHeight);
        if (Grain.Amplitude > 0) shade += Grain.Amplitude * noise.Sample((u * Grain.U) + Y, (v * Grain.V) + X);
        if (Stripes.Amplitude > 0)
            shade += Stripes.Amplitude * Math.Clamp(Stripes.Gain * Wave((u * Stripes.U) + (v * Stripes.V) + X), -1, 1);
        return shade;
    }

    private float Box(float u, float v)
    {
        var (x, y) = (MathF.Abs(u) - HalfWidth, MathF.Abs(v) - HalfHeight);
        var (outX, outY) = (MathF.Max(x, 0), MathF.Max(y, 0));
        return MathF.Sqrt((outX * outX) + (outY * outY)) + MathF.Min(MathF.Max(x, y), 0);
    }

    private float Polygon(float u, float v)
    {
        var distance = float.NegativeInfinity;
        foreach (var side in Sides) distance = MathF.Max(distance, (side.X * u) + (side.Y * v) - side.Distance);
        return distance;
    }

    // First order, f / |∇f|: exact on the outline, which is where it matters.
    private static float Ellipse(float u, float v, float a, float b)
    {
        var (x, y) = (u / a, v / b);
        var radius = MathF.Sqrt((x * x) + (y * y));
        var slope = MathF.Sqrt((x * x / (a * a)) + (y * y / (b * b)));
        return slope < 1e-6f ? -MathF.Min(a, b) : radius * (radius - 1) / slope;
    }

    /// <summary>A sine of the phase in turns, to 0.001, from products alone: the library's sine differs between platforms.</summary>
    private static float Wave(float phase)
    {
        var x = phase - MathF.Floor(phase) - 0.5f;
        var y = (8 * x) - (16 * x * MathF.Abs(x));
        return (0.775f * y) + (0.225f * y * MathF.Abs(y));
    }
}
