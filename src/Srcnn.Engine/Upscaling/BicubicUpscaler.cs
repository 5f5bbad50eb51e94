using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>MATLAB's bicubic: what every network is measured against.</summary>
public sealed class BicubicUpscaler(int scale) : IUpscaler
{
    /// <inheritdoc/>
    public string Name => "bicubic";

    /// <inheritdoc/>
    public int Scale => scale;

    /// <inheritdoc/>
    public int Channels => 1;

    /// <inheritdoc/>
    public Plane[] Upscale(Plane[] planes) => Array.ConvertAll(planes, p => Enlarge(p, scale));

    /// <inheritdoc/>
    public Image Upscale(Image input) => PictureColors.Upscale(this, input);

    /// <inheritdoc/>
    public void Dispose() { }

    internal static Plane Enlarge(Plane plane, int scale) => Bicubic.Resize(plane, checked(plane.Width * scale), checked(plane.Height * scale));
}
