using Srcnn.Engine.Data;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Metrics;
using Srcnn.Engine.Models;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Training;

/// <summary>
/// Mean PSNR of a model over the validation pictures, protocol y: on Y of the 8-bit output, shaved by the scale. A picture without any error
/// (a flat one) counts 100 dB, or one such picture would make every mean infinite.
/// </summary>
public sealed class Validator : IDisposable
{
    private const double Best = 100;

    private readonly IReadOnlyList<TrainingPicture> pictures;
    private readonly PictureRunner runner;

    /// <summary>Scores bicubic once.</summary>
    public Validator(Model model, IReadOnlyList<TrainingPicture> pictures)
    {
        this.pictures = pictures;
        runner = new PictureRunner(model);
        BicubicPsnr = pictures.Average(p => Score(p, pair => p.Enlarge(pair.Input)));
    }

    /// <summary>The mean in dB without a network.</summary>
    public double BicubicPsnr { get; }

    /// <summary>The mean in dB with the model as it is now; NaN weights give NaN.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled, which is seen between pictures.</exception>
    public double Run(CancellationToken stop = default) => pictures.Average(p =>
    {
        stop.ThrowIfCancellationRequested();
        return Score(p, pair => runner.Run(pair.Input, p.InputHeight, p.InputWidth));
    });

    private static double Score(TrainingPicture picture, Func<PicturePair, float[]> enlarge)
    {
        var pair = picture.Pixels();
        var output = enlarge(pair);
        if (output.AsSpan().ContainsAny(float.NaN, float.PositiveInfinity, float.NegativeInfinity)) return double.NaN;
        return Math.Min(Best, Psnr.Compute(ToLuma(picture, output), ToLuma(picture, pair.Target), picture.Scale));
    }

    private static Plane ToLuma(TrainingPicture picture, float[] values)
    {
        if (picture.Channels == 1) return new Plane(picture.Width, picture.Height, values);
        var samples = Array.ConvertAll(values, v => (ushort)Plane.Quantise(v, 255));
        return Luma.Rounded(new Image(picture.Width, picture.Height, picture.Channels, 8, samples));
    }

    /// <inheritdoc/>
    public void Dispose() => runner.Dispose();
}
