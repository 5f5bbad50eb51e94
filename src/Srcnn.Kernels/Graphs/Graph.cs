namespace Srcnn.Kernels;

/// <summary>A network's maps in the order they are computed, and what follows from them: sizes, parameters, reach and cost.</summary>
public sealed class Graph
{
    /// <summary>Channels of the widest vector; narrower ones are then full as well.</summary>
    private const int VectorChannels = 16;

    private readonly Dictionary<Map, int> places = [];
    private readonly int[][] inputs;
    private readonly int[] readers, lastReader, scale, margin;
    private readonly bool[] learns;

    /// <param name="output">The network.</param>
    /// <param name="training">Ops are fused as far as backward passes allow; for pictures as far as possible.</param>
    /// <exception cref="ArgumentException">An op reads maps of different sizes, or there is more than one picture.</exception>
    public Graph(Map output, bool training)
    {
        IsTraining = training;
        Maps = Fused(output, training).InOrder();
        for (var i = 0; i < Maps.Count; i++) places.Add(Maps[i], i);
        if (Maps.Count(map => map.Inputs.Count == 0) != 1) throw new ArgumentException("a network reads one picture");
        inputs = [.. Maps.Select(map => map.Inputs.Select(input => places[input]).ToArray())];
        (readers, lastReader, scale, margin, learns) = (new int[Maps.Count], new int[Maps.Count], new int[Maps.Count], new int[Maps.Count], new bool[Maps.Count]);
        scale[0] = 1;
        for (var i = 1; i < Maps.Count; i++)
        {
            var op = Maps[i].Op;
            foreach (var input in inputs[i])
            {
                if (scale[input] != scale[inputs[i][0]]) throw new ArgumentException($"{op.Name} reads maps of ×{scale[inputs[i][0]]} and ×{scale[input]}");
                (readers[input], lastReader[input]) = (readers[input] + 1, i);
                margin[i] = Math.Max(margin[i], (margin[input] + op.Radius) * op.Scale);
                learns[i] |= learns[input];
            }
            scale[i] = scale[inputs[i][0]] * op.Scale;
            learns[i] |= op.Parameters.Any();
        }
        Radius = ReachOf();
    }

    /// <summary>Inputs before readers: the picture first, the result last.</summary>
    public IReadOnlyList<Map> Maps { get; }

    /// <summary>Its tensors, in file order.</summary>
    public IEnumerable<Parameter> Parameters => Maps.SelectMany(map => map.Op.Parameters);

    /// <summary>Output pixels per pixel of the picture, each way.</summary>
    public int Scale => scale[^1];

    /// <summary>Pixels of the picture, on each side, that one output pixel depends on.</summary>
    public int Radius { get; }

    /// <summary>Pixels that the output lacks at each side that is cut: at most <see cref="Radius"/> times <see cref="Scale"/>.</summary>
    public int Lost => margin[^1];

    /// <summary>Whether an op needs to know the whole batch in training.</summary>
    public bool NeedsBatch => Maps.Any(map => map.Op.NeedsBatch);

    internal bool IsTraining { get; }

    /// <summary>Whether the channels of all maps but the picture, the result and others as thin fill vectors: then host keeps pictures channels last, otherwise in planes.</summary>
    private bool FillsVectors => Maps.SkipLast(1).All(map => map.Channels <= Maps[0].Channels || map.Channels % VectorChannels == 0);

    /// <summary>Shape of the output for a picture, or a part of one whose sides at <paramref name="edges"/> are sides of the picture.</summary>
    /// <exception cref="ShapeException">The picture does not fit.</exception>
    public Shape Output(Shape picture, Edges edges = Edges.All) => Shapes(picture, edges)[^1];

    /// <summary>Floating-point operations of one forward pass, a multiply–add counted as two.</summary>
    public double Flops(Shape picture, Edges edges = Edges.All)
    {
        var sum = 0.0;
        var shapes = Shapes(picture, edges);
        for (var i = 1; i < Maps.Count; i++) sum += Maps[i].Op.Flops(shapes[i]);
        return sum;
    }

    /// <summary>The same for a step of training: what learns takes twice as much again, for the gradients of weights and input, but for input gradients that nobody wants.</summary>
    public double TrainingFlops(Shape picture, Edges edges)
    {
        var sum = 0.0;
        var shapes = Shapes(picture, edges);
        for (var i = 1; i < Maps.Count; i++) sum += Maps[i].Op.Flops(shapes[i]) * (!learns[i] ? 1 : inputs[i].Any(input => learns[input]) ? 3 : 2);
        return sum;
    }

    /// <summary>Brings what ops derive from the parameters up to date; once after each change of the parameters, before the passes.</summary>
    public void Prepare(ParameterStore parameters)
    {
        foreach (var map in Maps) map.Op.Prepare(parameters, IsTraining);
    }

    /// <summary>Appends the network, padded as for whole pictures, to an ONNX graph; takes and returns the name of a value.</summary>
    /// <exception cref="NotSupportedException">An op has no ONNX form.</exception>
    public string Export(INodeWriter nodes, string picture)
    {
        var names = new string[Maps.Count];
        names[0] = picture;
        for (var i = 1; i < Maps.Count; i++) names[i] = Maps[i].Op.Export(nodes, [.. inputs[i].Select(input => names[input])]);
        return names[^1];
    }

    /// <summary>The network for the streaming executor of the host backend; null if an op cannot stream.</summary>
    internal RowGraph? Stream(ParameterStore parameters, Algorithm algorithm)
    {
        var rows = new RowGraph(Maps[0].Channels, FillsVectors ? RowLayout.Pixels : RowLayout.Planes);
        var made = new int[Maps.Count];
        for (var i = 1; i < Maps.Count; i++)
        {
            if (!Maps[i].Op.TryStream(new RowBuild(rows, parameters, algorithm), Array.ConvertAll(inputs[i], input => made[input])))
            {
                rows.Dispose();
                return null;
            }
            made[i] = rows.Last;
        }
        return rows;
    }

    /// <summary>The places of the maps that the one at a place reads.</summary>
    internal int[] Inputs(int place) => inputs[place];

    /// <summary>How many maps read the one at a place.</summary>
    internal int Readers(int place) => readers[place];

    /// <summary>The place of the last map that reads the one at a place.</summary>
    internal int LastReader(int place) => lastReader[place];

    /// <summary>Whether a gradient there reaches a parameter.</summary>
    internal bool Learns(int place) => learns[place];

    /// <summary>Pixels that the map at a place has lost at each side that is cut, beside the picture's enlargement.</summary>
    internal int Margin(int place) => margin[place];

    private Shape[] Shapes(Shape picture, Edges edges)
    {
        if (picture.C != Maps[0].Channels) throw new ShapeException($"the picture {picture} has {picture.C} channels; the network expects {Maps[0].Channels}");
        var shapes = new Shape[Maps.Count];
        shapes[0] = picture;
        for (var i = 1; i < Maps.Count; i++) shapes[i] = Maps[i].Op.Output(edges, Array.ConvertAll(inputs[i], input => shapes[input]));
        return shapes;
    }

    /// <summary>From the result backwards, in the picture's pixels.</summary>
    private int ReachOf()
    {
        var reach = new double[Maps.Count];
        for (var i = Maps.Count - 1; i > 0; i--)
        {
            foreach (var input in inputs[i]) reach[input] = Math.Max(reach[input], reach[i] + ((double)Maps[i].Op.Radius / scale[input]));
        }
        return (int)Math.Ceiling(reach[0]);
    }

    /// <summary>The same network with neighbours fused that are one op together.</summary>
    private static Map Fused(Map output, bool training)
    {
        var order = output.InOrder();
        var readers = order.SelectMany(map => map.Inputs).CountBy(input => input).ToDictionary();
        Dictionary<Map, Map> fused = [];
        foreach (var map in order)
        {
            var inputs = map.Inputs.Select(input => fused[input]).ToList();
            var both = inputs.Count == 1 && readers[map.Inputs[0]] == 1 ? inputs[0].Op.Fuse(map.Op, training) : null;
            fused[map] = both is null ? new Map(map.Op, inputs) : new Map(both, inputs[0].Inputs);
        }
        return fused[output];
    }
}
