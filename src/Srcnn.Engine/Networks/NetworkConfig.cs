using Srcnn.Engine.Layers;

namespace Srcnn.Engine.Networks;

/// <summary>What a network is built for.</summary>
public enum Phase
{
    /// <summary>Patches: as the paper trains it.</summary>
    Training,

    /// <summary>Whole pictures: the output has the size of the (upscaled) input.</summary>
    Inference,
}

/// <summary>The sizes of a network, in its paper's own symbols; everything needed to build it.</summary>
public abstract record NetworkConfig
{
    /// <summary>The name in the catalog: "srcnn-9-1-5".</summary>
    public abstract string Name { get; }

    /// <summary>Colour channels of input and output: 1 (luma) or 3.</summary>
    public abstract int Channels { get; init; }

    /// <summary>What makes the sizes unusable, or null: they may come from a file.</summary>
    public abstract string? Flaw { get; }

    /// <summary>
    /// The layers that read and write the picture, if the biases of these two can take up a constant that is taken off both. Null where they
    /// cannot: a border of zeros is no longer the picture's mean then, and a skip from input to output passes the constant by itself.
    /// </summary>
    public virtual (string First, string Last)? Ends => null;

    /// <summary>The network's layers; both phases have the same parameters.</summary>
    public abstract Layer Build(Phase phase);
}
