using Srcnn.Engine.Upscaling;

namespace Srcnn.Engine.Evaluation;

/// <summary>How the low resolution comes about; the rest of the protocol is the same.</summary>
public enum Protocol
{
    /// <summary>Luma rounded to 8 bit, shrunk in float: how the published figures are made.</summary>
    Y,

    /// <summary>8-bit RGB shrunk to 8-bit RGB first, as a real low-resolution file holds it.</summary>
    Rgb8,
}

/// <summary>Likeness of a picture to its original.</summary>
/// <param name="Psnr">dB; infinite for equal pictures.</param>
/// <param name="Ssim">1 for equal pictures.</param>
public sealed record Score(double Psnr, double Ssim)
{
    /// <summary>The mean of each figure; one infinite PSNR makes that mean infinite.</summary>
    public static Score Mean(IReadOnlyCollection<Score> scores) => new(scores.Average(s => s.Psnr), scores.Average(s => s.Ssim));
}

/// <summary>One picture's scores.</summary>
/// <param name="Name">File name.</param>
/// <param name="Width">Of the original, cropped to a multiple of the scale.</param>
/// <param name="Height">Likewise.</param>
/// <param name="Score">The model's.</param>
/// <param name="Bicubic">Bicubic's on the same low resolution.</param>
/// <param name="Milliseconds">Time of the enlargement alone; null where the picture was made elsewhere.</param>
public sealed record PictureScore(string Name, int Width, int Height, Score Score, Score Bicubic, double? Milliseconds);

/// <summary>Scores of one model on one folder.</summary>
/// <param name="Model">As the user named it.</param>
/// <param name="Network">Its network; null for bicubic and for pictures made elsewhere.</param>
/// <param name="Scale">The factor.</param>
/// <param name="Protocol">How the low resolution came about.</param>
/// <param name="Device">Where the network ran; null where none did.</param>
/// <param name="Dataset">Name of the folder.</param>
/// <param name="Pictures">In the order of their names.</param>
/// <param name="Cost">What the network takes; null where none is known.</param>
public sealed record Evaluation(
    string Model, string? Network, int Scale, Protocol Protocol, string? Device, string Dataset, IReadOnlyList<PictureScore> Pictures, NetworkCost? Cost = null)
{
    /// <summary>Mean over pictures, not over pixels.</summary>
    public Score Mean => Score.Mean([.. Pictures.Select(p => p.Score)]);

    /// <summary>The same of bicubic on the same low resolutions.</summary>
    public Score BicubicMean => Score.Mean([.. Pictures.Select(p => p.Bicubic)]);

    /// <summary>Median over pictures of the time per million pixels enlarged to; null where none was measured.</summary>
    public double? MillisecondsPerMegapixel =>
        Pictures.Select(p => p.Milliseconds * 1e6 / ((double)p.Width * p.Height)).Where(ms => ms is not null).Order().ToList() is { Count: > 0 } all ? all[all.Count / 2] : null;
}
