namespace Srcnn.Engine.Imaging;

/// <summary>Leaves out what lies around a picture on the way to its writer, which it owns.</summary>
/// <param name="writer">Takes the rows of the part.</param>
/// <param name="from">What is written here.</param>
/// <param name="left">Pixels left out at the left; as many at the right.</param>
/// <param name="top">Rows left out above; as many below.</param>
public sealed class CroppingWriter(IImageWriter writer, ImageInfo from, int left, int top) : IImageWriter
{
    private readonly int rowLength = from.Width * from.Channels;
    private int taken;

    /// <inheritdoc/>
    public void WriteRows(ReadOnlySpan<ushort> rows)
    {
        for (; rows.Length > 0; rows = rows[rowLength..], taken++)
        {
            if (taken >= top && taken < from.Height - top)
                writer.WriteRows(rows[(left * from.Channels)..(rowLength - (left * from.Channels))]);
        }
    }

    /// <inheritdoc/>
    public void Complete() => writer.Complete();

    /// <inheritdoc/>
    public void Dispose() => writer.Dispose();
}
