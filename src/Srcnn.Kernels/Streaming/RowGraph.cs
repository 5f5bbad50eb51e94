namespace Srcnn.Kernels;

/// <summary>
/// What the streaming executor runs: ops in order, each reading maps made before it. Map 0 is the picture, map i the output of the i-th op,
/// and the last one is the result. A skip is an op that reads an earlier map beside the previous one.
/// </summary>
/// <param name="channels">Channels of the picture.</param>
/// <param name="layout">How all maps lie in memory.</param>
internal sealed class RowGraph(int channels, RowLayout layout = RowLayout.Pixels) : IDisposable
{
    private readonly List<Node> nodes = [];
    private readonly List<Action> derivations = [];

    public RowLayout Layout => layout;

    /// <summary>The newest map.</summary>
    public int Last => nodes.Count;

    /// <summary>The op that makes <paramref name="map"/>, which is not the picture, and the maps it reads.</summary>
    public Node Maker(int map) => nodes[map - 1];

    public int Channels(int map) => map == 0 ? channels : Maker(map).Op.OutChannels;

    /// <summary>Rows of <paramref name="map"/> per row of the picture.</summary>
    public int Scale(int map) => map == 0 ? 1 : Maker(map).Op.Scale * Scale(Maker(map).Inputs[0]);

    /// <summary>Appends an op that reads the newest map. Owned.</summary>
    public void Add(IRowOp op) => Add(op, Last);

    /// <summary>Appends an op that reads the given maps, all of one size. Owned.</summary>
    /// <exception cref="ArgumentException">The maps differ in size.</exception>
    public void Add(IRowOp op, params int[] inputs)
    {
        foreach (var input in inputs)
        {
            if (Scale(input) != Scale(inputs[0])) throw new ArgumentException($"{op} reads maps {inputs[0]} and {input} of different sizes");
        }
        // A map is padded in one way: who wants it in another reads a copy.
        nodes.Add(new Node(op, Array.ConvertAll(inputs, input => LooksOutside(op) && OutsideReader(input) is { } other && other.Mode != op.Mode ? Copy(input) : input)));
    }

    private int Copy(int map)
    {
        unsafe
        {
            nodes.Add(new Node(new PointwiseRowOp(Channels(map), Copy), [map]) { Name = "copy" });
        }
        return Last;
    }

    private static unsafe void Copy(int channel, float* input, float* output, int count) => new ReadOnlySpan<float>(input, count).CopyTo(new Span<float>(output, count));

    /// <summary>Appends what brings tensors that an op reads up to date with the parameters they derive from.</summary>
    public void Derive(Action derivation) => derivations.Add(derivation);

    /// <summary>Tells what the op appended last is, for profiles and for the size of the weights.</summary>
    /// <param name="name">Its layer.</param>
    /// <param name="flops">Operations for a pixel of its output.</param>
    public void Describe(string name, double flops) => (nodes[^1].Name, nodes[^1].Flops) = (name, flops);

    /// <summary>Bytes of the weights of all described ops: a multiply–add of a pixel each.</summary>
    public double WeightBytes => nodes.Sum(node => node.Flops / 2 * sizeof(float));

    /// <summary>The maps made from <paramref name="map"/>.</summary>
    public List<int> Readers(int map)
    {
        List<int> readers = [];
        for (var reader = map + 1; reader <= Last; reader++)
        {
            foreach (var input in Maker(reader).Inputs)
            {
                if (input == map && (readers.Count == 0 || readers[^1] != reader)) readers.Add(reader);
            }
        }
        return readers;
    }

    /// <summary>What readers of <paramref name="map"/> see outside the picture.</summary>
    public PaddingMode Mode(int map) => OutsideReader(map)?.Mode ?? default;

    /// <summary>See <see cref="IRowOp.Prepare"/>.</summary>
    public void Prepare()
    {
        foreach (var derivation in derivations) derivation();
        foreach (var node in nodes) node.Op.Prepare();
    }

    /// <summary>Runs the last op that reads neighbours on a few pixels of no meaning, after <see cref="Prepare"/>: its code is then compiled.</summary>
    public void CompileLast()
    {
        const int Columns = 48;
        var map = Last;
        while (map > 0 && !LooksOutside(Maker(map).Op)) map--;
        if (map == 0) return;
        var (op, inputs) = Maker(map);
        using RowRing input = new(Channels(inputs[0]), op.Mode, layout), output = new(op.OutChannels, default, layout);
        input.Reset(-op.Left, Columns + op.Right, Columns, op.RowStep, op.RowStep);
        output.Reset(0, Columns, Columns, op.RowStep, op.RowStep);
        op.Run([input], output, 0, op.RowStep, 0, Columns);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var node in nodes) node.Op.Dispose();
    }

    /// <summary>The first reader of <paramref name="map"/> that looks outside the picture; the others do not care what stands there.</summary>
    private IRowOp? OutsideReader(int map)
    {
        foreach (var reader in Readers(map))
        {
            if (LooksOutside(Maker(reader).Op)) return Maker(reader).Op;
        }
        return null;
    }

    private static bool LooksOutside(IRowOp op) => (op.Above | op.Below | op.Left | op.Right) > 0;

    /// <summary>An op in its place, and what profiles call it.</summary>
    /// <param name="Inputs">The maps it reads.</param>
    public sealed record Node(IRowOp Op, int[] Inputs)
    {
        public string Name { get; set; } = "op";

        /// <summary>Operations for a pixel of its output.</summary>
        public double Flops { get; set; }
    }
}
