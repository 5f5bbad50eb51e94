using Srcnn.Engine.Models;

namespace Srcnn.Engine.Stress;

/// <summary>How an upscaler did on one stress picture, beside bicubic.</summary>
/// <param name="Picture">What was enlarged.</param>
/// <param name="Error">Mean absolute difference in 8-bit levels between the picture and its enlargement shrunk back by box.</param>
/// <param name="BicubicError">The same of bicubic.</param>
/// <param name="Overshoot">By how much more than bicubic the enlargement leaves the range of the pixels around (<see cref="StressMeasures.Overshoot"/>).</param>
/// <param name="Psnr">Of the picture shrunk by bicubic and enlarged again, on luma, in dB.</param>
/// <param name="BicubicPsnr">The same of bicubic.</param>
public sealed record StressScore(StressPicture Picture, double Error, double BicubicError, double Overshoot, double Psnr, double BicubicPsnr)
{
    /// <summary>dB above bicubic; 0 where both are exact.</summary>
    public double Gain => double.IsPositiveInfinity(Psnr) && double.IsPositiveInfinity(BicubicPsnr) ? 0 : Psnr - BicubicPsnr;

    /// <summary>How the model misses its class here, in a sentence; null if it does not. A value that is no number misses.</summary>
    public string? Miss(ModelClass promised)
    {
        var limits = StressLimits.Of(promised);
        var most = BicubicError + Math.Max(limits.Levels, limits.Share * BicubicError);
        return Error <= most ? null : $"{Picture.Name}: {Error:F1} levels off when shrunk back, allowed {most:F1} (bicubic {BicubicError:F1})";
    }
}

/// <summary>What a class allows.</summary>
/// <param name="Levels">Levels above bicubic's error that every picture may have.</param>
/// <param name="Share">Or this share of bicubic's error, if that is more.</param>
/// <param name="Overshoot">Beyond bicubic's, on average over shapes with hard edges.</param>
/// <param name="LineArtGain">dB above bicubic that text and lines must reach on average: a network must not hide behind bicubic.</param>
public sealed record StressLimits(double Levels, double Share, double Overshoot, double LineArtGain)
{
    /// <summary>The authors' own FSRCNN weights keep within those of <see cref="ModelClass.Paper"/>.</summary>
    public static StressLimits Of(ModelClass promised) => promised == ModelClass.Faithful ? new(1.5, 0.25, 0.15, 2) : new(3.5, 0.5, 0.3, 1);
}
