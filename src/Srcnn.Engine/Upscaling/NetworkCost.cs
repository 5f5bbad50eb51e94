namespace Srcnn.Engine.Upscaling;

/// <summary>What networks take.</summary>
/// <param name="Parameters">Trained values.</param>
/// <param name="GigaflopsPerMegapixel">10⁹ floating-point operations for a million pixels of the result, a multiply–add counted as two.</param>
public sealed record NetworkCost(int Parameters, double GigaflopsPerMegapixel);
