using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>
/// Takes the rows of a picture apart into the planes a network works on, and puts the enlarged ones together again: luma, grey or three
/// colours go through the network, alpha and the chroma of a network of luma go by bicubic. It holds the rows in between.
/// </summary>
internal sealed class PictureColors
{
    private readonly int channels, bitDepth, networkChannels;
    private readonly RowWindow[] planes;
    private readonly RowWindow? alpha;
    private readonly HiddenColors? hidden;
    private readonly BicubicResizer toNetwork, toOutput;

    /// <param name="input">The picture.</param>
    /// <param name="networkChannels">1 luma, 3 red, green and blue.</param>
    /// <param name="scale">Of the output.</param>
    /// <param name="networkScale">The part of it that the network does itself; what it is given is enlarged by the rest.</param>
    public PictureColors(ImageInfo input, int networkChannels, int scale, int networkScale)
    {
        (channels, bitDepth, this.networkChannels) = (input.Channels, input.BitDepth, networkChannels);
        planes = [.. Enumerable.Range(0, channels >= 3 ? 3 : 1).Select(_ => new RowWindow(input.Width))];
        if (input.HasAlpha)
        {
            alpha = new RowWindow(input.Width);
            hidden = new HiddenColors(planes, alpha, input.Width, input.Height);
        }
        toNetwork = Enlargement(scale / networkScale);
        toOutput = Enlargement(scale);

        BicubicResizer Enlargement(int factor) => new(input.Width, input.Height, checked(input.Width * factor), checked(input.Height * factor));
    }

    /// <summary>Size of what the network is given.</summary>
    public (int Height, int Width) NetworkSize => (toNetwork.OutHeight, toNetwork.OutWidth);

    /// <summary>Rows for the network that can be made from what was taken.</summary>
    public int Ready => toNetwork.OutputRows(hidden?.End ?? planes[0].End);

    private bool IsLuma => channels >= 3 && networkChannels == 1;

    private int OutRow => toOutput.OutWidth * channels;

    private int NetworkRow => toOutput.OutWidth * networkChannels;

    /// <summary>Takes the next rows of the picture.</summary>
    /// <param name="rows">Interleaved samples.</param>
    /// <param name="given">Rows the network was given so far.</param>
    /// <param name="finished">Rows of the output finished so far.</param>
    public void Take(ReadOnlyMemory<ushort> rows, int given, int finished)
    {
        var rowLength = toOutput.InWidth * channels;
        var count = rows.Length / rowLength;
        var needed = Math.Min(hidden?.End ?? int.MaxValue, Math.Min(First(toNetwork, given), First(toOutput, finished)));
        var start = planes[0].End;
        foreach (var plane in planes) plane.Extend(count, needed);
        alpha?.Extend(count, needed);
        Parallel.For(0, count, row => Split(rows.Span.Slice(row * rowLength, rowLength), start + row));
        hidden?.Fill();

        static int First(BicubicResizer resizer, int row) => resizer.InputRows(Math.Min(row, resizer.OutHeight - 1), 1).First;
    }

    /// <summary>Rows [from, to) of what the network is given, [rows, width, channels].</summary>
    public void Give(int from, int to, Memory<float> rows)
    {
        var length = toNetwork.OutWidth * networkChannels;
        Parallel.For(from, to, y =>
        {
            var row = rows.Span.Slice((y - from) * length, length);
            for (var c = 0; c < networkChannels; c++)
            {
                // A network of three channels sees a grey picture three times.
                var plane = planes[Math.Min(c, planes.Length - 1)];
                if (networkChannels == 1) toNetwork.ResizeRows(plane.Rows, plane.First, y, 1, row);
                else Interleave(Enlarged(toNetwork, plane, y), row, c);
            }
        });
    }

    /// <summary>Rows [from, to) of the output from those of the network, [rows, width, channels].</summary>
    public void Compose(int from, int to, ReadOnlyMemory<float> network, Memory<ushort> samples) => Parallel.For(from, to, y =>
    {
        var row = samples.Span.Slice((y - from) * OutRow, OutRow);
        var values = network.Span.Slice((y - from) * NetworkRow, NetworkRow);
        if (IsLuma) YCbCr.InverseRow(values, Enlarged(toOutput, planes[1], y), Enlarged(toOutput, planes[2], y), bitDepth, row, channels);
        else if (channels >= 3) for (var c = 0; c < 3; c++) Quantise(values[c..], 3, row[c..]);
        else Quantise(networkChannels == 1 ? values : Mean(values), 1, row);
        if (alpha is not null) Quantise(Enlarged(toOutput, alpha, y), 1, row[(channels - 1)..]);
    });

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

    private void Interleave(float[] plane, Span<float> row, int channel)
    {
        for (int x = 0, i = channel; x < plane.Length; x++, i += networkChannels) row[i] = plane[x];
    }

    private static float[] Enlarged(BicubicResizer resizer, RowWindow plane, int y)
    {
        var row = new float[resizer.OutWidth];
        resizer.ResizeRows(plane.Rows, plane.First, y, 1, row);
        return row;
    }

    private static float[] Mean(ReadOnlySpan<float> rgb)
    {
        var mean = new float[rgb.Length / 3];
        for (var x = 0; x < mean.Length; x++) mean[x] = (rgb[3 * x] + rgb[(3 * x) + 1] + rgb[(3 * x) + 2]) / 3;
        return mean;
    }
}
