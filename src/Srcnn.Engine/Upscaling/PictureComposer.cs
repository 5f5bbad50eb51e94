using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>Puts enlarged pictures together: the network's planes, and by bicubic those that went around it, of which it keeps the rows still needed.</summary>
internal sealed class PictureComposer
{
    private readonly PictureLayout layout;
    private readonly RowWindow[] beside;
    private readonly BicubicResizer resizer;
    private readonly float[] first, second;
    private int composed;

    /// <param name="layout">Of the small picture.</param>
    /// <param name="scale">The factor.</param>
    public PictureComposer(PictureLayout layout, int scale)
    {
        this.layout = layout;
        var (width, height) = (layout.Picture.Width, layout.Picture.Height);
        beside = RowWindow.Of(layout.Count - layout.Network, width);
        resizer = new BicubicResizer(width, height, checked(width * scale), checked(height * scale));
        (first, second) = (new float[resizer.OutWidth], new float[resizer.OutWidth]);
    }

    /// <summary>Takes the next rows of the small picture.</summary>
    public void Add(RowPlanes planes)
    {
        for (var p = 0; p < beside.Length; p++)
        {
            beside[p].Extend(planes.Rows, resizer.FirstInput(composed));
            planes.Plane(layout.Network + p).Span.CopyTo(beside[p].Row(beside[p].End - planes.Rows, planes.Rows));
        }
    }

    /// <summary>Makes the next rows of the large picture.</summary>
    /// <param name="network">The network's rows, [rows, width, channels].</param>
    /// <param name="samples">Interleaved, as many rows.</param>
    public void Compose(ReadOnlySpan<float> network, Span<ushort> samples)
    {
        var (outRow, networkRow) = (resizer.OutWidth * layout.Picture.Channels, resizer.OutWidth * layout.NetworkChannels);
        for (; samples.Length > 0; samples = samples[outRow..], network = network[networkRow..])
            Compose(network[..networkRow], composed++, samples[..outRow]);
    }

    private void Compose(ReadOnlySpan<float> network, int y, Span<ushort> samples)
    {
        var channels = layout.Picture.Channels;
        if (layout.IsLuma && layout.Colors == 1) YCbCr.InverseGreyRow(network, layout.Picture.BitDepth, samples, channels);
        else if (layout.IsLuma)
        {
            beside[0].Enlarge(resizer, y, first);
            beside[1].Enlarge(resizer, y, second);
            YCbCr.InverseRow(network, first, second, layout.Picture.BitDepth, samples, channels);
        }
        else if (layout.NetworkChannels == layout.Network)
        {
            for (var c = 0; c < layout.Network; c++) Quantise(network[c..], layout.Network, samples[c..]);
        }
        else
        {
            for (var x = 0; x < first.Length; x++) first[x] = (network[3 * x] + network[(3 * x) + 1] + network[(3 * x) + 2]) / 3;
            Quantise(first, 1, samples);
        }
        if (!layout.Picture.HasAlpha) return;
        beside[^1].Enlarge(resizer, y, first);
        Quantise(first, 1, samples[(channels - 1)..]);
    }

    private void Quantise(ReadOnlySpan<float> values, int step, Span<ushort> samples)
    {
        var (max, channels) = (layout.Max, layout.Picture.Channels);
        for (int i = 0, s = 0; s < samples.Length; i += step, s += channels) samples[s] = (ushort)Plane.Quantise(values[i], max);
    }
}
