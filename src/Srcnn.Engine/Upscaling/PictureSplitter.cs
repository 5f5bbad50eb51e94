using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>Takes the rows of a picture apart into planes. Where colours under transparent pixels are replaced, rows come out later than they went in.</summary>
internal sealed class PictureSplitter(PictureLayout layout)
{
    private readonly HiddenColors? hidden = layout.Picture.HasAlpha ? new(layout.Colors, layout.Picture.Width, layout.Picture.Height) : null;
    private float[] interleaved = [];

    /// <summary>Takes the next rows, interleaved samples, and gives those that are ready.</summary>
    public void Split(ReadOnlySpan<ushort> samples, RowPlanes planes)
    {
        var (channels, rowLength) = (layout.Picture.Channels, layout.Picture.Width * layout.Picture.Channels);
        planes.Resize(samples.Length / rowLength);
        for (var y = 0; y < planes.Rows; y++)
        {
            var row = samples.Slice(y * rowLength, rowLength);
            if (layout.IsLuma && layout.Colors == 1) YCbCr.ForwardGreyRow(row, channels, layout.Picture.BitDepth, planes.Row(0, y));
            else if (layout.IsLuma) YCbCr.ForwardRow(row, channels, layout.Picture.BitDepth, planes.Row(0, y), planes.Row(1, y), planes.Row(2, y));
            for (var p = layout.IsLuma ? layout.Colors : 0; p < layout.Count; p++) Channel(row[p..], channels, planes.Row(p, y));
        }
        hidden?.Pass(planes);
    }

    /// <summary>What the network sees of the rows, [rows, width, channels]: one of three channels sees a grey picture three times.</summary>
    public ReadOnlyMemory<float> Source(RowPlanes planes)
    {
        var step = layout.NetworkChannels;
        if (step == 1) return planes.Plane(0);
        var length = planes.Plane(0).Length * step;
        if (interleaved.Length < length) interleaved = new float[length];
        for (var c = 0; c < step; c++) Interleaved.Put(planes.Plane(Math.Min(c, layout.Network - 1)).Span, interleaved.AsSpan(c), step);
        return interleaved.AsMemory(0, length);
    }

    private void Channel(ReadOnlySpan<ushort> samples, int step, Span<float> plane)
    {
        float max = layout.Max;
        for (int x = 0, s = 0; x < plane.Length; x++, s += step) plane[x] = samples[s] / max;
    }
}
