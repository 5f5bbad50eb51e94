using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>How an <see cref="Upscaler"/> works. The defaults suit most.</summary>
public sealed record UpscalerOptions
{
    internal const string Auto = "auto";

    /// <summary>The factor, 1 to 16. Null takes 3 where the model serves it, else its least. What no model serves is made by several, one after the other: 6 by ×3 and ×2.</summary>
    public int? Scale { get; init; }

    /// <summary>Where to compute, a name that <see cref="Kernels.Backend.Open"/> takes. With "auto", host also takes over what finds no room on a GPU, or everything where a GPU cannot even begin.</summary>
    public string Device { get; init; } = Auto;

    /// <summary>Threads of the host; 0 takes every core.</summary>
    public int Threads { get; init; }

    /// <summary>A backend that is open already, instead of opening <see cref="Device"/>; it stays open.</summary>
    public IBackend? Backend { get; init; }

    /// <summary>Direct or fast convolution, where the backend has a choice.</summary>
    public Algorithm Algorithm { get; init; } = Algorithm.Auto;

    /// <summary>Side of a tile in pixels; 0 chooses. The result does not depend on it.</summary>
    public int Tile { get; init; }

    /// <summary>Takes the mean over eight flips and rotations: some hundredths of a decibel for eight times the work and the whole picture in memory.</summary>
    public bool SelfEnsemble { get; init; }

    /// <summary>Told where the time goes. A <see cref="Backend"/> that is given has its own.</summary>
    public Profile? Profile { get; init; }

    /// <summary>Told, once for each network, that the device failed and host computes what it did not.</summary>
    public Action<string>? Warn { get; init; }
}
