using Srcnn.Engine.Imaging;

namespace Srcnn.Engine.Upscaling;

/// <summary>Enlarges pictures by a whole factor.</summary>
public interface IUpscaler : IDisposable
{
    /// <summary>What reports and tables call it: "bicubic", "srcnn-9-1-5".</summary>
    string Name { get; }

    /// <summary>The factor.</summary>
    int Scale { get; }

    /// <summary>Planes it works on: 1 luma, 3 red, green and blue.</summary>
    int Channels { get; }

    /// <summary>What the network behind it takes; null where there is none.</summary>
    NetworkCost? Cost => null;

    /// <summary>Enlarges <see cref="Channels"/> planes of one picture; values are neither rounded nor clipped.</summary>
    Plane[] Upscale(Plane[] planes);

    /// <summary>
    /// Enlarges a whole picture: depth, alpha and metadata are kept. Where <see cref="Channels"/> is 1, Y is never rounded on the way and
    /// Cb and Cr go by bicubic.
    /// </summary>
    Image Upscale(Image input);

    /// <summary>The same from a decoder to an encoder in memory that does not grow with the picture's height.</summary>
    /// <param name="input">At its first row.</param>
    /// <param name="output">Takes the enlarged rows, of the input's channels and depth; completing it is left to the caller.</param>
    /// <param name="progress">Told the share of the picture that is done, in [0, 1].</param>
    /// <param name="stop">Ends the work early with <see cref="OperationCanceledException"/>.</param>
    void Upscale(IImageReader input, IImageWriter output, IProgress<double>? progress = null, CancellationToken stop = default);
}

/// <summary>What a network takes.</summary>
/// <param name="Parameters">Trained values.</param>
/// <param name="GigaflopsPerMegapixel">10⁹ floating-point operations for a million pixels of its result, a multiply–add counted as two.</param>
public sealed record NetworkCost(int Parameters, double GigaflopsPerMegapixel);
