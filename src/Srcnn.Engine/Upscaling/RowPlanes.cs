namespace Srcnn.Engine.Upscaling;

/// <summary>Some rows of several planes of one width, in memory that is used again for other rows.</summary>
/// <param name="count">Planes.</param>
/// <param name="width">Of each.</param>
internal sealed class RowPlanes(int count, int width)
{
    private readonly float[]?[] planes = new float[count][];

    public int Rows { get; private set; }

    /// <summary>[Rows, width].</summary>
    public Memory<float> Plane(int plane) => planes[plane].AsMemory(0, Rows * width);

    public Span<float> Row(int plane, int y) => planes[plane].AsSpan(y * width, width);

    /// <summary>Makes room for so many rows, whose content is whatever was there.</summary>
    public void Resize(int rows)
    {
        for (var p = 0; p < count; p++)
        {
            if (!(planes[p]?.Length >= rows * width)) planes[p] = new float[rows * width];
        }
        Rows = rows;
    }
}
