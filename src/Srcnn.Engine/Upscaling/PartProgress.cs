namespace Srcnn.Engine.Upscaling;

/// <summary>The share of one of several works in the whole.</summary>
/// <param name="whole">Told the share of the whole that is done; null for nobody.</param>
/// <param name="number">From 0.</param>
/// <param name="count">Of works, taken for equally long.</param>
public sealed class PartProgress(IProgress<double>? whole, int number, int count) : IProgress<double>
{
    /// <inheritdoc/>
    public void Report(double share) => whole?.Report((number + share) / count);
}
