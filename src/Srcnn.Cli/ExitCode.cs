namespace Srcnn.Cli;

/// <summary>What the process returns; scripts rely on it.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>Unknown option or name, or a request that contradicts itself.</summary>
    public const int Usage = 1;

    /// <summary>A picture, model, configuration or data set that is missing, broken or of another scale.</summary>
    public const int Input = 2;

    /// <summary>A device that is absent, fails or computes wrongly.</summary>
    public const int Device = 3;

    /// <summary>A place that cannot be written, or where something stands already.</summary>
    public const int Output = 4;

    /// <summary>NaN or divergence.</summary>
    public const int Numeric = 5;

    /// <summary>Several inputs, some failed.</summary>
    public const int Partial = 6;

    public const int Internal = 70;

    public const int Interrupted = 130;
}
