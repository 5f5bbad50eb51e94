namespace Srcnn.Engine.Imaging;

/// <summary>Brings rows to another size by MATLAB's antialiased bicubic on their way to a writer, which it owns. It keeps only the rows a row is made of.</summary>
public sealed class ResizingWriter : IImageWriter
{
    private readonly IImageWriter writer;
    private readonly BicubicResizer resizer;
    private readonly ushort[][] ring;
    private readonly double[] combined;
    private readonly ushort[] output;
    private readonly int max;
    private int taken, made;

    /// <param name="writer">Takes rows of the new size.</param>
    /// <param name="from">What is written here.</param>
    /// <param name="width">Of the rows that go on.</param>
    /// <param name="height">Their number.</param>
    public ResizingWriter(IImageWriter writer, ImageInfo from, int width, int height)
    {
        this.writer = writer;
        resizer = new BicubicResizer(from.Width, from.Height, width, height);
        var most = Enumerable.Range(0, height).Max(y => resizer.InputRows(y, 1).Count);
        ring = [.. Enumerable.Range(0, most).Select(_ => new ushort[from.Width * from.Channels])];
        combined = new double[from.Width * from.Channels];
        output = new ushort[width * from.Channels];
        max = (1 << from.BitDepth) - 1;
    }

    /// <inheritdoc/>
    public void WriteRows(ReadOnlySpan<ushort> rows)
    {
        for (; rows.Length > 0; rows = rows[combined.Length..])
        {
            rows[..combined.Length].CopyTo(ring[taken++ % ring.Length]);
            for (var ready = resizer.OutputRows(taken); made < ready; made++)
            {
                resizer.ResizeRow(y => ring[y % ring.Length], made, max, combined, output);
                writer.WriteRows(output);
            }
        }
    }

    /// <inheritdoc/>
    public void Complete() => writer.Complete();

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
