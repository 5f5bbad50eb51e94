using System.Globalization;
using Srcnn.Engine.Models;
using Srcnn.Kernels;

namespace Srcnn.Engine.Networks;

/// <summary>What a network reads.</summary>
public enum NetworkInput
{
    /// <summary>The picture enlarged by bicubic; the network keeps its size.</summary>
    Bicubic,

    /// <summary>The picture as it is; the network enlarges it.</summary>
    LowResolution,
}

/// <summary>The sizes of a network, in its paper's own symbols; everything needed to build it.</summary>
public abstract record NetworkConfig
{
    /// <summary>The name in the catalog: "srcnn-9-1-5".</summary>
    public abstract string Name { get; }

    /// <summary>Colour channels of input and output: 1 (luma) or 3.</summary>
    public abstract int Channels { get; init; }

    /// <summary>What it reads.</summary>
    public virtual NetworkInput Input => NetworkInput.Bicubic;

    /// <summary>What makes the sizes unusable, or null: they may come from a file.</summary>
    public virtual string? Flaw => null;

    /// <summary>
    /// The layers that read and write the picture, if the biases of these two can take up a constant that is taken off both; no last one where a skip
    /// from input to output passes the constant by itself. Null where they cannot: a border of zeros is no longer the picture's mean then.
    /// </summary>
    public virtual (string First, string? Last)? Ends => null;

    /// <summary>
    /// The tensors of a model of this network for <paramref name="scale"/> that begins where <paramref name="other"/> is, for networks that can grow out of
    /// smaller ones or go over to another scale; otherwise the other's tensors as they are. In file order and layout.
    /// </summary>
    public virtual IReadOnlyList<NamedTensor> GrowFrom(ModelFile other, int scale) => other.Tensors;

    /// <summary>What is wrong with the number of colours, or null.</summary>
    protected string? ColorFlaw => Channels is not (1 or 3) ? $"{Channels} channels instead of 1 or 3" : null;

    /// <summary>What is wrong with a size, or null.</summary>
    /// <param name="what">In the plural: "filters".</param>
    protected static string? Beyond(int value, int most, string what, int least = 1) =>
        value < least || value > most ? $"{value} {what} instead of {least} to {most}" : null;

    /// <summary>Reads "family-A-B"; null if <paramref name="name"/> is no such name, or another of the network's.</summary>
    protected static TConfig? Sized<TConfig>(string name, string family, Func<int, int, TConfig> make)
        where TConfig : NetworkConfig
    {
        if (name.Split('-') is not [var first, var a, var b] || first != family) return null;
        if (!int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out var left)) return null;
        if (!int.TryParse(b, NumberStyles.None, CultureInfo.InvariantCulture, out var right)) return null;
        var config = make(left, right);
        return config.Flaw is null && config.Name == name ? config : null;
    }

    /// <summary>Whether position <paramref name="at"/> of 1 to <paramref name="all"/> is one that <paramref name="old"/> layers take when they stand as far apart as possible.</summary>
    protected static bool IsOld(int at, int old, int all) => old * at / all > old * (at - 1) / all;

    /// <summary>A 3×3 layer that hands on what it gets, as files hold it: what a network grows by (Net2DeeperNet; Chen et al., arXiv:1511.05641).</summary>
    protected static NamedTensor[] PassOn(string layer, int filters)
    {
        var weight = new float[filters * filters * 9];
        for (var k = 0; k < filters; k++) weight[(((k * filters) + k) * 9) + 4] = 1;
        return [new($"{layer}.weight", [filters, filters, 3, 3], weight), new($"{layer}.bias", [filters], new float[filters])];
    }

    /// <summary>
    /// Whether patches are padded in training as whole pictures are. Otherwise a patch is a part of a picture without borders, and its output is smaller
    /// by what depends on pixels outside.
    /// </summary>
    public virtual bool PadsInTraining => true;

    /// <summary>The network: what it makes of a picture. Only networks that enlarge ask for the scale, on which their parameters may depend.</summary>
    public abstract Map Build(Map picture, int scale);

    /// <summary>The tensors of the network at <paramref name="scale"/>, in file order.</summary>
    internal IEnumerable<Parameter> ParametersAt(int scale) => Build(Map.Picture(Channels), scale).InOrder().SelectMany(map => map.Op.Parameters);
}
