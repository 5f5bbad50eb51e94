using System.Buffers;
using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Takes the rows of a picture apart into the planes a network works on, and puts the enlarged ones together again: luma, grey or three
/// colours go through the network, alpha and the chroma of a network of luma go by bicubic. It holds the rows in between.
/// </summary>
internal sealed class PictureColors
{
    private readonly int channels, bitDepth, networkChannels, width;
    private readonly RowWindow[] planes;
    private readonly RowWindow? alpha;
    private readonly HiddenColors? hidden;
    private readonly BicubicResizer resizer;

    /// <param name="input">The picture.</param>
    /// <param name="networkChannels">1 luma, 3 red, green and blue.</param>
    /// <param name="scale">Of the output.</param>
    public PictureColors(ImageInfo input, int networkChannels, int scale)
    {
        (channels, bitDepth, width, this.networkChannels) = (input.Channels, input.BitDepth, input.Width, networkChannels);
        planes = [.. Enumerable.Range(0, channels >= 3 ? 3 : 1).Select(_ => new RowWindow(width))];
        if (input.HasAlpha)
        {
            alpha = new RowWindow(width);
            hidden = new HiddenColors(planes, alpha, width, input.Height);
        }
        resizer = new BicubicResizer(width, input.Height, checked(width * scale), checked(input.Height * scale));
    }

    /// <summary>Rows that the network may be given.</summary>
    public int Ready => hidden?.End ?? planes[0].End;

    private bool IsLuma => channels >= 3 && networkChannels == 1;

    /// <summary>Takes the next rows of the picture.</summary>
    /// <param name="rows">Interleaved samples.</param>
    /// <param name="finished">Rows of the output finished so far.</param>
    public void Take(ReadOnlyMemory<ushort> rows, int finished)
    {
        var rowLength = width * channels;
        var (count, start, needed) = (rows.Length / rowLength, planes[0].End, Math.Min(Ready, resizer.FirstInput(finished)));
        foreach (var plane in planes) plane.Extend(count, needed);
        alpha?.Extend(count, needed);
        Parallel.For(0, count, row => Split(rows.Span.Slice(row * rowLength, rowLength), start + row));
        hidden?.Fill();
    }

    /// <summary>Rows [from, to) for the network, [rows, width, channels]; one of three channels sees a grey picture three times.</summary>
    public void Give(int from, int to, Span<float> rows)
    {
        for (var y = from; y < to; y++)
        for (var c = 0; c < networkChannels; c++)
            Interleaved.Put(planes[Math.Min(c, planes.Length - 1)].Row(y), rows[(((y - from) * width * networkChannels) + c)..], networkChannels);
    }

    /// <summary>Rows [from, to) of the output from those of the network, [rows, width, channels].</summary>
    public void Compose(int from, int to, ReadOnlyMemory<float> network, Memory<ushort> samples) => Parallel.For(
        from, to, () => new[] { ArrayPool<float>.Shared.Rent(resizer.OutWidth), ArrayPool<float>.Shared.Rent(resizer.OutWidth) },
        (y, _, scratch) =>
        {
            int outRow = resizer.OutWidth * channels, networkRow = resizer.OutWidth * networkChannels;
            Compose(y, network.Span.Slice((y - from) * networkRow, networkRow), samples.Span.Slice((y - from) * outRow, outRow), scratch);
            return scratch;
        },
        scratch => Array.ForEach(scratch, row => ArrayPool<float>.Shared.Return(row)));

    private void Compose(int y, ReadOnlySpan<float> network, Span<ushort> samples, float[][] scratch)
    {
        var first = scratch[0].AsSpan(0, resizer.OutWidth);
        var second = scratch[1].AsSpan(0, resizer.OutWidth);
        if (IsLuma)
        {
            planes[1].Enlarge(resizer, y, first);
            planes[2].Enlarge(resizer, y, second);
            YCbCr.InverseRow(network, first, second, bitDepth, samples, channels);
        }
        else if (channels >= 3)
        {
            for (var c = 0; c < 3; c++) Quantise(network[c..], 3, samples[c..]);
        }
        else if (networkChannels == 1)
        {
            Quantise(network, 1, samples);
        }
        else
        {
            for (var x = 0; x < first.Length; x++) first[x] = (network[3 * x] + network[(3 * x) + 1] + network[(3 * x) + 2]) / 3;
            Quantise(first, 1, samples);
        }
        if (alpha is null) return;
        alpha.Enlarge(resizer, y, first);
        Quantise(first, 1, samples[(channels - 1)..]);
    }

    private void Split(ReadOnlySpan<ushort> samples, int y)
    {
        if (IsLuma) YCbCr.ForwardRow(samples, channels, bitDepth, planes[0].Row(y), planes[1].Row(y), planes[2].Row(y));
        else for (var c = 0; c < planes.Length; c++) Channel(samples[c..], planes[c].Row(y));
        if (alpha is not null) Channel(samples[(channels - 1)..], alpha.Row(y));
    }

    private void Channel(ReadOnlySpan<ushort> samples, Span<float> plane)
    {
        float max = (1 << bitDepth) - 1;
        for (int x = 0, s = 0; x < plane.Length; x++, s += channels) plane[x] = samples[s] / max;
    }

    private void Quantise(ReadOnlySpan<float> values, int step, Span<ushort> samples)
    {
        var max = (1 << bitDepth) - 1;
        for (int i = 0, s = 0; s < samples.Length; i += step, s += channels) samples[s] = (ushort)Plane.Quantise(values[i], max);
    }
}
