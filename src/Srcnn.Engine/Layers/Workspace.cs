using Srcnn.Kernels;

namespace Srcnn.Engine.Layers;

/// <summary>Where one run of a network keeps its activations and gradients: memory per layer and purpose that grows and is never shrunk.</summary>
/// <param name="backend">Another stream of the parameters' device; null takes that of the parameters. Not owned.</param>
public sealed class Workspace(ParameterStore parameters, IBackend? backend = null) : IDisposable
{
    private readonly Dictionary<(Layer, string), (Tensor Memory, Tensor Window)> slots = [];
    private readonly Dictionary<Layer, Tensor> inputs = [];

    public IBackend Backend { get; } = backend ?? parameters.Backend;

    /// <summary>The flat buffer that backward passes add to, in the layout of the parameters; null where only forward passes run.</summary>
    public Tensor? Grads { get; set; }

    /// <summary>Which sides of the input are sides of the picture; the others are cut edges, where layers take the neighbour's pixels and add no padding.</summary>
    public Edges Edges { get; set; } = Edges.All;

    /// <summary>Times what a layer does, if anybody wants to know.</summary>
    /// <param name="layer">Its name.</param>
    /// <param name="pass">"forward", "weight gradient", …</param>
    /// <param name="flops">Operations of it.</param>
    public ProfileScope? Time(string layer, string pass, double flops) => Backend.Profile?.Begin($"{layer} {pass}", flops);

    /// <summary>The current value of a parameter.</summary>
    public Tensor Value(Parameter parameter) => parameters.Value(parameter);

    /// <summary>The gradient of a parameter, to be added to.</summary>
    public Tensor Grad(Parameter parameter) =>
        parameters.Window(Grads ?? throw new InvalidOperationException("this workspace has no gradients"), parameter);

    /// <summary>What <see cref="Layer.Prepare"/> derived from a parameter, by the name it gave that form.</summary>
    public Tensor Prepared(Parameter parameter, string form) => parameters.Prepared(parameter, form);

    /// <summary>The tensor of <paramref name="layer"/> for <paramref name="purpose"/>; its content is whatever was there.</summary>
    public Tensor Slot(Layer layer, string purpose, Shape shape)
    {
        var isThere = slots.TryGetValue((layer, purpose), out var slot);
        if (isThere && slot.Window.Shape == shape) return slot.Window;
        var memory = slot.Memory;
        if (!isThere || memory.Shape.Length < shape.Length)
        {
            memory?.Dispose();
            slots.Remove((layer, purpose)); // should the allocation fail
            memory = Backend.Allocate(shape);
        }
        var window = memory.Slice(0, shape);
        slots[(layer, purpose)] = (memory, window);
        return window;
    }

    /// <summary>Notes what <paramref name="layer"/> was given in its forward pass.</summary>
    public void Remember(Layer layer, Tensor input) => inputs[layer] = input;

    /// <summary>What <paramref name="layer"/> was given in its last forward pass.</summary>
    public Tensor Recall(Layer layer) => inputs[layer];

    /// <summary>Gives back all memory.</summary>
    public void Clear()
    {
        foreach (var (memory, _) in slots.Values) memory.Dispose();
        slots.Clear();
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();
}

/// <summary>Sides of a picture.</summary>
[Flags]
public enum Edges
{
    None = 0,
    Top = 1,
    Left = 2,
    Bottom = 4,
    Right = 8,
    All = Top | Left | Bottom | Right,
}

internal static class EdgesExtensions
{
    /// <summary>Padding only on those sides that are sides of the picture.</summary>
    public static Padding Keep(this Edges edges, Padding padding) => new(
        edges.HasFlag(Edges.Top) ? padding.Top : 0, edges.HasFlag(Edges.Left) ? padding.Left : 0,
        edges.HasFlag(Edges.Bottom) ? padding.Bottom : 0, edges.HasFlag(Edges.Right) ? padding.Right : 0, padding.Mode);
}
