using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>MATLAB's bicubic: what every network is measured against.</summary>
public sealed class BicubicUpscaler(int scale, Profile? profile = null) : StagedUpscaler
{
    /// <inheritdoc/>
    public override string Name => "bicubic";

    /// <inheritdoc/>
    public override int Channels => 1;

    internal override IRowStage Stage { get; } = new BicubicStage(scale, channels: 1, profile);

    internal override Profile? Profile => profile;

    /// <inheritdoc/>
    public override void Dispose() { }

    internal static Plane Enlarge(Plane plane, int scale) => Bicubic.Resize(plane, checked(plane.Width * scale), checked(plane.Height * scale));
}
