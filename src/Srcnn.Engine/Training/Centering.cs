using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Training;

/// <summary>
/// Between a network g trained on pictures less a constant c and the plain network f(x) = g(x − c) + c: the biases of the first layer take up
/// −c·Σw, those of the last one c, unless a skip from input to output brings it there. Exact, borders included, for the networks whose <see cref="NetworkConfig.Ends"/> say so.
/// </summary>
public sealed class Centering
{
    private readonly float center;
    private readonly string first = "";
    private readonly string? last;

    /// <param name="network">What is trained.</param>
    /// <param name="center">c; 0 changes nothing.</param>
    /// <exception cref="ConfigException">The network cannot take up a constant.</exception>
    public Centering(NetworkConfig network, double center)
    {
        this.center = (float)center;
        if (center == 0) return;
        (first, last) = network.Ends
            ?? throw new ConfigException($"center is {center}; {network.Name} with its padding cannot take it into its biases; expected 0; leave --center out");
    }

    /// <summary>The plain network of a centred one; tensors in file order and layout.</summary>
    public IReadOnlyList<NamedTensor> Fold(IReadOnlyList<NamedTensor> tensors) => Shift(tensors, center);

    /// <summary>The centred network of a plain one.</summary>
    public IReadOnlyList<NamedTensor> Unfold(IReadOnlyList<NamedTensor> tensors) => Shift(tensors, -center);

    /// <summary>
    /// For fresh weights whose first channels pass the picture on: lifts these by c, or the ReLUs would cut them at the mean, and takes it off
    /// at the end. The other channels stay centred, about half of each cut off, which is what their initialiser is made for.
    /// </summary>
    public IReadOnlyList<NamedTensor> Lift(IReadOnlyList<NamedTensor> tensors, int channels) =>
        center == 0 ? tensors : Add(tensors, [.. Enumerable.Repeat(center, channels)], -center);

    private IReadOnlyList<NamedTensor> Shift(IReadOnlyList<NamedTensor> tensors, float by)
    {
        if (by == 0) return tensors;
        var weight = tensors.First(t => t.Name == $"{first}.weight");
        return Add(tensors, [.. weight.Values.Chunk(weight.Values.Length / weight.Shape[0]).Select(w => -by * (float)w.Sum(v => (double)v))], by);
    }

    /// <summary>Adds to the first biases of the first layer and to all of the last one.</summary>
    private IReadOnlyList<NamedTensor> Add(IReadOnlyList<NamedTensor> tensors, float[] toFirst, float toLast) =>
    [
        .. tensors.Select(t =>
            t.Name == $"{first}.bias" ? t with { Values = [.. t.Values.Select((bias, k) => k < toFirst.Length ? bias + toFirst[k] : bias)] }
            : t.Name == $"{last}.bias" ? t with { Values = [.. t.Values.Select(bias => bias + toLast)] }
            : t),
    ];
}
