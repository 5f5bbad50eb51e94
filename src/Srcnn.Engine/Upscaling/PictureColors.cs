using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>Takes a picture apart into the planes an upscaler works on, and puts the enlarged ones together again.</summary>
internal static class PictureColors
{
    public static Image Upscale(IUpscaler upscaler, Image input)
    {
        var scale = upscaler.Scale;
        var output = new Image(checked(input.Width * scale), checked(input.Height * scale), input.Channels, input.BitDepth) { Metadata = input.Metadata };
        var alpha = input.Channels is 2 or 4 ? Plane.FromChannel(input, input.Channels - 1) : null;
        Plane[] Seen(params Plane[] planes) => alpha is null ? planes : Array.ConvertAll(planes, p => HiddenColors.Fill(p, alpha));

        if (input.Channels <= 2) WriteGrey(output, Grey(upscaler, Seen(Plane.FromChannel(input, 0))[0]));
        else if (upscaler.Channels == 3) WriteRgb(output, upscaler.Upscale(Seen(Plane.FromChannel(input, 0), Plane.FromChannel(input, 1), Plane.FromChannel(input, 2))));
        else
        {
            var (y, cb, cr) = YCbCr.Forward(input);
            var planes = Seen(y, cb, cr);
            WriteYCbCr(output, upscaler.Upscale([planes[0]])[0], BicubicUpscaler.Enlarge(planes[1], scale), BicubicUpscaler.Enlarge(planes[2], scale));
        }
        if (alpha is not null) Write(output, output.Channels - 1, BicubicUpscaler.Enlarge(alpha, scale));
        return output;
    }

    /// <summary>A grey picture is luma as it is; a network of three channels sees it three times, and the mean counts.</summary>
    private static Plane Grey(IUpscaler upscaler, Plane grey)
    {
        if (upscaler.Channels == 1) return upscaler.Upscale([grey])[0];
        var rgb = upscaler.Upscale([grey, grey, grey]);
        for (var i = 0; i < rgb[0].Values.Length; i++) rgb[0].Values[i] = (rgb[0].Values[i] + rgb[1].Values[i] + rgb[2].Values[i]) / 3;
        return rgb[0];
    }

    private static void WriteGrey(Image output, Plane grey) => Write(output, 0, grey);

    private static void WriteRgb(Image output, Plane[] rgb)
    {
        for (var c = 0; c < rgb.Length; c++) Write(output, c, rgb[c]);
    }

    private static void WriteYCbCr(Image output, Plane y, Plane cb, Plane cr) =>
        Parallel.For(0, output.Height, row => YCbCr.InverseRow(y.Row(row), cb.Row(row), cr.Row(row), output.BitDepth, output.Row(row), output.Channels));

    private static void Write(Image output, int channel, Plane plane)
    {
        for (int i = 0, s = channel; i < plane.Values.Length; i++, s += output.Channels)
            output.Samples[s] = (ushort)Plane.Quantise(plane.Values[i], output.MaxSample);
    }
}
