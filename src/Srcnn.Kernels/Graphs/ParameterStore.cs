
namespace Srcnn.Kernels;

/// <summary>
/// All parameters of a network in one flat tensor, each at a multiple of 16 elements so that vectors load aligned; an optimiser step, a
/// norm or a copy is one launch. Also holds tensors that ops derive from their parameters.
/// </summary>
public sealed class ParameterStore : IDisposable
{
    private const int Alignment = 16;

    private readonly Dictionary<string, (int Offset, Parameter Parameter)> places = [];
    private readonly Dictionary<(string Parameter, string Form), Tensor> derived = [];

    /// <summary>Lays out <paramref name="parameters"/> on <paramref name="backend"/>, all zero.</summary>
    public ParameterStore(IBackend backend, IEnumerable<Parameter> parameters)
    {
        Backend = backend;
        Parameters = [.. parameters];
        var offset = 0;
        foreach (var parameter in Parameters)
        {
            places.Add(parameter.Name, (offset, parameter));
            offset += (parameter.Shape.Length + Alignment - 1) / Alignment * Alignment;
        }
        Values = backend.Allocate(Shape.Vector(offset));
    }

    public IBackend Backend { get; }

    /// <summary>In file order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The flat buffer, gaps included.</summary>
    public Tensor Values { get; }

    /// <summary>Number of trainable values, gaps not counted.</summary>
    public int Count => Parameters.Where(p => p.IsTrained).Sum(p => p.Shape.Length);

    /// <summary>The part of a flat buffer of this layout that belongs to <paramref name="parameter"/>.</summary>
    public Tensor Window(Tensor flat, Parameter parameter)
    {
        var (offset, own) = places[parameter.Name];
        ShapeException.ThrowUnless(parameter.Shape, own.Shape, parameter.Name);
        return flat.Slice(offset, parameter.Shape);
    }

    /// <summary>The current value of a parameter.</summary>
    public Tensor Value(Parameter parameter) => Window(Values, parameter);

    /// <summary>Where <paramref name="parameter"/> lies in the flat buffer.</summary>
    public Range Place(Parameter parameter)
    {
        var (offset, own) = places[parameter.Name];
        return offset..(offset + own.Shape.Length);
    }

    /// <summary>The tensor that <see cref="Op.Prepare"/> derives from <paramref name="parameter"/> and calls <paramref name="form"/>, allocated the first time.</summary>
    public Tensor Derived(Parameter parameter, string form, Shape shape) => Derived(parameter.Name, form, shape);

    /// <summary>The same for what stands under another name; <paramref name="constant"/> gives its content once and for all.</summary>
    public Tensor Derived(string name, string form, Shape shape, Func<float[]>? constant = null)
    {
        if (derived.TryGetValue((name, form), out var tensor)) return tensor;
        derived.Add((name, form), tensor = Backend.Allocate(shape));
        if (constant is not null) tensor.CopyFrom(constant());
        return tensor;
    }

    /// <summary>A vector of one number, for ops that take such.</summary>
    public Tensor Constant(float value) => Derived($"{value:R}", "constant", Shape.Vector(1), () => [value]);

    /// <summary>What <see cref="Op.Prepare"/> derived from <paramref name="parameter"/>; many workspaces may ask at once.</summary>
    public Tensor Prepared(Parameter parameter, string form) => Prepared(parameter.Name, form);

    /// <summary>The same for what stands under another name.</summary>
    public Tensor Prepared(string name, string form) =>
        derived.GetValueOrDefault((name, form)) ?? throw new InvalidOperationException($"{name} is used {form} before Prepare");

    /// <summary>Draws every parameter anew, in file order, from one random sequence.</summary>
    public void Initialize(ulong seed)
    {
        var random = new SeededRandom(seed);
        var flat = new float[Values.Shape.Length];
        foreach (var parameter in Parameters) parameter.Initializer(random, parameter.Shape, flat.AsSpan(Place(parameter)));
        Values.CopyFrom(flat);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        foreach (var tensor in derived.Values) tensor.Dispose();
    }
}
