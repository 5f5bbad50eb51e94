namespace Srcnn.Kernels;

/// <summary>
/// What the streaming executor runs: ops in order, each reading maps made before it. Map 0 is the picture, map i the output of the i-th op,
/// and the last one is the result. A skip is an op that reads an earlier map beside the previous one.
/// </summary>
/// <param name="channels">Channels of the picture.</param>
/// <param name="layout">How all maps lie in memory.</param>
internal sealed class RowGraph(int channels, RowLayout layout = RowLayout.Pixels) : IDisposable
{
    private readonly List<(IRowOp Op, int[] Inputs)> nodes = [];
    private readonly List<Action> derivations = [];
    private readonly Dictionary<int, (string Name, double Flops)> descriptions = [];

    public RowLayout Layout => layout;

    /// <summary>The newest map.</summary>
    public int Last => nodes.Count;

    /// <summary>The op that makes <paramref name="map"/>, which is not the picture, and the maps it reads.</summary>
    public (IRowOp Op, int[] Inputs) Maker(int map) => nodes[map - 1];

    public int Channels(int map) => map == 0 ? channels : Maker(map).Op.OutChannels;

    /// <summary>Rows of <paramref name="map"/> per row of the picture.</summary>
    public int Scale(int map) => map == 0 ? 1 : Maker(map).Op.Scale * Scale(Maker(map).Inputs[0]);

    /// <summary>Appends an op that reads the newest map. Owned.</summary>
    public void Add(IRowOp op) => Add(op, Last);

    /// <summary>Appends an op that reads the given maps, all of one size. Owned.</summary>
    /// <exception cref="ArgumentException">The maps differ in size, or another reader wants something else outside the picture.</exception>
    public void Add(IRowOp op, params int[] inputs)
    {
        nodes.Add((op, inputs));
        foreach (var input in inputs)
        {
            if (Scale(input) != Scale(inputs[0])) throw new ArgumentException($"{op} reads maps {inputs[0]} and {input} of different sizes");
            if (Modes(input).Distinct().Count() > 1) throw new ArgumentException($"{op} pads map {input} in another way than the ops before it");
        }
    }

    /// <summary>Appends what brings tensors that an op reads up to date with the parameters they derive from.</summary>
    public void Derive(Action derivation) => derivations.Add(derivation);

    /// <summary>Tells what the op appended last is, for profiles and for the size of the weights.</summary>
    /// <param name="name">Its layer.</param>
    /// <param name="flops">Operations for a pixel of its output.</param>
    public void Describe(string name, double flops) => descriptions[Last] = (name, flops);

    /// <summary>What <see cref="Describe"/> said about the op that makes <paramref name="map"/>.</summary>
    public (string Name, double Flops) Description(int map) => descriptions.GetValueOrDefault(map, ("op", 0));

    /// <summary>Bytes of the weights of all described ops: a multiply–add of a pixel each.</summary>
    public double WeightBytes => descriptions.Values.Sum(d => d.Flops / 2 * sizeof(float));

    /// <summary>The maps made from <paramref name="map"/>.</summary>
    public IEnumerable<int> Readers(int map) => Enumerable.Range(1, Last).Where(reader => Maker(reader).Inputs.Contains(map));

    /// <summary>What readers of <paramref name="map"/> see outside the picture.</summary>
    public PaddingMode Mode(int map) => Modes(map).FirstOrDefault();

    /// <summary>See <see cref="IRowOp.Prepare"/>.</summary>
    public void Prepare()
    {
        foreach (var derivation in derivations) derivation();
        foreach (var (op, _) in nodes) op.Prepare();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (op, _) in nodes) op.Dispose();
    }

    // Who never looks outside does not care.
    private IEnumerable<PaddingMode> Modes(int map) =>
        Readers(map).Select(reader => Maker(reader).Op).Where(op => (op.Above | op.Below | op.Left | op.Right) > 0).Select(op => op.Mode);
}
