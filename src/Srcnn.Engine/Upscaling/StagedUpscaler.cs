using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>Upscalers that take planes band by band. One picture at a time.</summary>
public abstract class StagedUpscaler : IUpscaler
{
    private protected StagedUpscaler() { }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public int Scale => Stage.Scale;

    /// <inheritdoc/>
    public virtual NetworkCost? Cost => null;

    /// <inheritdoc/>
    public abstract int Channels { get; }

    /// <summary>From the planes of the small picture, interleaved, to those of the large one.</summary>
    internal abstract IRowStage Stage { get; }

    /// <summary>Where time is noted, or null.</summary>
    internal virtual Profile? Profile => null;

    private PictureFlow Flow => new(Stage, Channels, Profile);

    /// <inheritdoc/>
    public Plane[] Upscale(Plane[] planes)
    {
        if (planes.Length != Channels) throw new ArgumentException($"{planes.Length} planes for an upscaler of {Channels}", nameof(planes));
        var (width, height) = (planes[0].Width, planes[0].Height);
        var values = new float[checked(width * height * Channels)];
        for (var c = 0; c < Channels; c++) Interleaved.Put(planes[c].Values, values.AsSpan(c), Channels);
        var enlarged = Stage.Run(values, height, width);
        return [.. Enumerable.Range(0, Channels).Select(c =>
        {
            var plane = new Plane(width * Scale, height * Scale);
            Interleaved.Take(enlarged.AsSpan(c), Channels, plane.Values);
            return plane;
        })];
    }

    /// <inheritdoc/>
    public Image Upscale(Image input) => Flow.Run(input);

    /// <inheritdoc/>
    public void Upscale(IImageReader input, IImageWriter output, IProgress<double>? progress = null, CancellationToken stop = default) =>
        Flow.Run(input, output, progress, stop);

    /// <inheritdoc/>
    public abstract void Dispose();
}
