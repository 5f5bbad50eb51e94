using Srcnn.Kernels;

namespace Srcnn.Engine.Upscaling;

/// <summary>Enlarges twice: ×2 and then ×3 makes ×6.</summary>
public sealed class ComposedUpscaler : StagedUpscaler
{
    private readonly StagedUpscaler first, second;

    /// <param name="first">Sees the small picture. Owned.</param>
    /// <param name="second">Enlarges what the first one made; another object. Owned.</param>
    /// <exception cref="ArgumentException">One works on luma and the other on colours, or both are the same object.</exception>
    public ComposedUpscaler(StagedUpscaler first, StagedUpscaler second)
    {
        if (first.Channels != second.Channels) throw new ArgumentException($"{first.Name} has {first.Channels} channels and {second.Name} has {second.Channels}");
        if (first == second) throw new ArgumentException($"{first.Name} cannot work on two pictures at once");
        (this.first, this.second) = (first, second);
        Stage = new ChainStage(first.Stage, second.Stage, Channels);
    }

    /// <inheritdoc/>
    public override string Name => $"{first.Name}, {second.Name}";

    /// <inheritdoc/>
    public override int Channels => first.Channels;

    internal override IRowStage Stage { get; }

    internal override Profile? Profile => first.Profile;

    /// <inheritdoc/>
    public override void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }
}
