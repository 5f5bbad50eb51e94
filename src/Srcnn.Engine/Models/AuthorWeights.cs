using Srcnn.Engine.Networks;

namespace Srcnn.Engine.Models;

/// <summary>A network of the papers' authors, ready to be saved as a model of ours.</summary>
/// <param name="Network">Its sizes.</param>
/// <param name="Tensors">Weights in PyTorch's order [K, C, R, S] and biases, layer by layer.</param>
/// <param name="Scales">The factors they are for; null where the file does not say.</param>
internal sealed record AuthorModel(NetworkConfig Network, IReadOnlyList<NamedTensor> Tensors, Scales? Scales = null);

/// <summary>Turns the weight files the authors of the papers published for MATLAB into tensors. The content says which network it is, never the name.</summary>
internal static class AuthorWeights
{
    private static readonly AuthorLayout[] Layouts = [new SrcnnLayout(), new FsrcnnLayout(), new VdsrLayout()];

    /// <summary>Reads a <c>.mat</c> file of weights.</summary>
    /// <exception cref="ModelException">The file is broken, or holds no known network.</exception>
    public static AuthorModel Load(string path) => Recognise(MatFile.Load(path));

    /// <summary>Finds the network whose variables the file holds.</summary>
    /// <exception cref="ModelException">As for <see cref="Load"/>.</exception>
    public static AuthorModel Recognise(MatFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var layout = Array.Find(Layouts, l => l.Matches(file));
        if (layout is not null) return layout.Read(file);
        var names = file.Variables.Count == 0 ? "no variables" : string.Join(", ", file.Variables.Keys.Order(StringComparer.Ordinal).Take(8).Select(ModelException.Quote));
        throw new ModelException(file.Name, $"it holds {names}", "the variables of SRCNN, FSRCNN or VDSR were expected", "check that this is the authors' weight file");
    }
}

/// <summary>How one paper's authors laid out their weights. A new one is one file and one entry in <see cref="AuthorWeights"/>.</summary>
internal abstract class AuthorLayout
{
    /// <summary>Whether the file has this layout's variables, right or wrong in size.</summary>
    public abstract bool Matches(MatFile file);

    /// <summary>The network; called only where <see cref="Matches"/> said yes.</summary>
    public abstract AuthorModel Read(MatFile file);

    protected static ModelException Refuse(MatFile file, string found, string expected) =>
        new(file.Name, found, expected, "get the authors' file again");

    /// <summary>The numbers of a weight, bias or slope, which must all be finite in float.</summary>
    /// <param name="what">The variable, for messages.</param>
    /// <param name="paper">What its paper says such a file has.</param>
    protected static MatNumeric Numbers(MatFile file, MatValue? value, string what, string paper)
    {
        var numbers = value as MatNumeric ?? throw Refuse(file, $"no numbers under '{what}'", paper);
        return Array.TrueForAll(numbers.Values, v => float.IsFinite((float)v))
            ? numbers
            : throw Refuse(file, $"'{what}' holds values that are not finite", "weights must be finite");
    }

    /// <summary>Whether the array has these sizes, but for sizes of 1, which MATLAB drops.</summary>
    protected static bool HasDims(MatNumeric array, params int[] dims) => array.Dims.Where(d => d != 1).SequenceEqual(dims.Where(d => d != 1));

    /// <summary>Weights that run over input channels, taps (down their columns) and filters, the first fastest.</summary>
    protected static NamedTensor Weight(string name, MatNumeric array, int filters, int channels, int size)
    {
        var values = new float[array.Values.Length];
        var next = 0;
        for (var k = 0; k < filters; k++)
        for (var c = 0; c < channels; c++)
        for (var r = 0; r < size; r++)
        for (var s = 0; s < size; s++)
            values[next++] = (float)array.Values[c + (channels * (r + (size * s) + (size * size * k)))];
        return new NamedTensor(name, [filters, channels, size, size], values);
    }

    /// <summary>A vector, such as a bias.</summary>
    protected static NamedTensor Vector(string name, MatNumeric array) => new(name, [array.Values.Length], [.. array.Values.Select(v => (float)v)]);
}
