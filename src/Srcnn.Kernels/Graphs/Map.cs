namespace Srcnn.Kernels;

/// <summary>
/// A value of a network: an op and the maps it reads. A network is what its output can reach, down to the picture. Ops bring the words that make maps
/// of maps: <c>picture.Conv2d("conv1", 64, 9).Relu()</c>.
/// </summary>
public sealed class Map
{
    /// <summary>What <paramref name="op"/> makes of <paramref name="inputs"/>.</summary>
    public Map(Op op, params IReadOnlyList<Map> inputs)
    {
        (Op, Inputs) = (op, inputs);
        Channels = op.Channels([.. inputs.Select(input => input.Channels)]);
    }

    public Op Op { get; }

    public IReadOnlyList<Map> Inputs { get; }

    public int Channels { get; }

    /// <summary>What a network reads; it has one such map.</summary>
    public static Map Picture(int channels) => new(new Picture(channels));

    /// <summary>A skip: the sum, pixel by pixel.</summary>
    public static Map operator +(Map left, Map right) => Add(left, right);

    /// <summary>The sum, pixel by pixel.</summary>
    public static Map Add(Map left, Map right) => new(new Add(), left, right);

    /// <summary>What an op makes of this map alone.</summary>
    public Map Then(Op op) => new(op, this);

    /// <summary>What <paramref name="block"/> makes of it again and again; told the numbers from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public Map Repeat(int first, int last, Func<Map, int, Map> block)
    {
        var map = this;
        for (var number = first; number <= last; number++) map = block(map, number);
        return map;
    }

    /// <summary>Inputs before their readers, each once: the order in which everything goes over a network; backward passes take it in reverse.</summary>
    public IReadOnlyList<Map> InOrder()
    {
        List<Map> order = [];
        HashSet<Map> seen = [];
        Visit(this);
        return order;

        void Visit(Map map)
        {
            if (!seen.Add(map)) return;
            foreach (var input in map.Inputs) Visit(input);
            order.Add(map);
        }
    }
}

/// <summary>What a network reads.</summary>
internal sealed class Picture(int channels) : Op
{
    public override string Name => "picture";

    public override int Channels(IReadOnlyList<int> inputs) => channels;

    public override void Forward(in OpRun run) => throw new InvalidOperationException("a picture is given, not computed");
}
