using Srcnn.Engine.Imaging;
using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>MATLAB's bicubic: what every network is measured against.</summary>
public sealed class BicubicUpscaler(int scale) : IUpscaler
{
    private readonly PictureFlow flow = new(new Untouched(), 1, scale);

    /// <inheritdoc/>
    public string Name => "bicubic";

    /// <inheritdoc/>
    public int Scale => scale;

    /// <inheritdoc/>
    public int Channels => 1;

    /// <inheritdoc/>
    public Plane[] Upscale(Plane[] planes) => Array.ConvertAll(planes, p => Enlarge(p, scale));

    /// <inheritdoc/>
    public Image Upscale(Image input) => flow.Run(input);

    /// <inheritdoc/>
    public void Upscale(IImageReader input, IImageWriter output, IProgress<double>? progress = null, CancellationToken stop = default) =>
        flow.Run(input, output, progress, stop);

    /// <inheritdoc/>
    public void Dispose() { }

    internal static Plane Enlarge(Plane plane, int scale) => Bicubic.Resize(plane, checked(plane.Width * scale), checked(plane.Height * scale));

    /// <summary>No network: rows pass as they are.</summary>
    private sealed class Untouched : IRowStage
    {
        private int width;

        public int Scale => 1;

        public void Start(int height, int width) => this.width = width;

        public void Push(ReadOnlyMemory<float> rows, Func<int, Memory<float>> output) => rows.CopyTo(output(rows.Length / width));
    }
}
