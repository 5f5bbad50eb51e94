using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Stress;
using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Evaluation;

/// <summary>How one upscaler did on the stress pictures.</summary>
/// <param name="Model">As the user named it.</param>
/// <param name="Scale">The factor.</param>
/// <param name="Promised">The class it is held to; null where its file states none.</param>
/// <param name="Scores">Family by family.</param>
public sealed record StressEvaluation(string Model, int Scale, ModelClass? Promised, IReadOnlyList<StressScore> Scores)
{
    /// <summary>Mean gain over bicubic on text and lines that were shrunk first, in dB.</summary>
    public double LineArtGain => Recorded.Where(s => s.Picture.IsLineArt).Average(s => s.Gain);

    /// <summary>Mean overshoot of shapes with hard edges.</summary>
    public double Overshoot => Recorded.Where(s => s.Picture.HasHardShapes).Average(s => s.Overshoot);

    /// <summary>Where it misses its class, or what a model of a paper promises if it states none.</summary>
    public IReadOnlyList<string> Misses(ModelClass? promised = null)
    {
        var held = promised ?? Promised ?? ModelClass.Paper;
        var limits = StressLimits.Of(held);
        List<string> misses = [.. Recorded.Select(s => s.Miss(held)).OfType<string>()];
        if (!(Overshoot <= limits.Overshoot)) misses.Add($"hard shapes: overshoot by {Overshoot:P0} of the contrast, at most {limits.Overshoot:P0} allowed");
        if (!(LineArtGain >= limits.LineArtGain)) misses.Add($"text and lines: {LineArtGain:F2} dB above bicubic, at least {limits.LineArtGain:F0} wanted");
        return misses;
    }

    private IEnumerable<StressScore> Recorded => Scores.Where(s => s.Picture.IsRecorded);

    /// <summary>Enlarges <paramref name="pictures"/> as they are and shrunk, and measures both.</summary>
    /// <param name="model">What the user calls the upscaler.</param>
    public static StressEvaluation Run(Upscaler upscaler, string model, ModelClass? promised, IEnumerable<StressPicture> pictures, CancellationToken stop = default)
    {
        var scale = upscaler.Scale;
        using var bicubic = Upscaler.Bicubic(scale);
        return new StressEvaluation(model, scale, promised, [.. pictures.Select(Score)]);

        StressScore Score(StressPicture picture)
        {
            Image sharp = picture.Image, enlarged = upscaler.Upscale(sharp, stop: stop), plain = bicubic.Upscale(sharp, stop: stop);
            var shrunk = new TestPicture(picture.Name, sharp, scale, Protocol.Rgb8);
            var luma = Luma.Rounded(sharp);
            var channels = upscaler.Channels == 1 ? [luma] : Enumerable.Range(0, upscaler.Channels).Select(c => Plane.FromChannel(sharp, c)).ToArray();
            return new StressScore(
                picture, StressMeasures.ShrinkBackError(enlarged, sharp, scale), StressMeasures.ShrinkBackError(plain, sharp, scale),
                StressMeasures.Overshoot(TestPicture.LumaOf(upscaler.Upscale(channels)), luma, scale) - StressMeasures.Overshoot(Bicubic.Resize(luma, scale), luma, scale),
                shrunk.Score(TestPicture.LumaOf(upscaler.Upscale(shrunk.Low(upscaler.Channels)))).Psnr, shrunk.Bicubic().Psnr);
        }
    }
}
