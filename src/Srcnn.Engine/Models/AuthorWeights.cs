namespace Srcnn.Engine.Models;

/// <summary>A network of the papers' authors, ready to be saved as a model of ours.</summary>
/// <param name="Network">Its catalog name, such as <c>srcnn-9-1-5</c>.</param>
/// <param name="Config">The paper's symbols in small letters (f1, n1, …) and their values.</param>
/// <param name="Tensors">Weights in PyTorch's order [K, C, R, S] and biases, layer by layer.</param>
public sealed record AuthorModel(string Network, IReadOnlyDictionary<string, int> Config, IReadOnlyList<NamedTensor> Tensors);

/// <summary>Turns the weight files the authors of the papers published for MATLAB into tensors. The content says which network it is, never the name.</summary>
public static class AuthorWeights
{
    private static readonly AuthorLayout[] Layouts = [new SrcnnLayout(), new FsrcnnLayout(), new VdsrLayout()];

    /// <summary>Reads a <c>.mat</c> file of weights.</summary>
    /// <exception cref="ModelException">The file is broken, holds no known network, or one that is not supported yet.</exception>
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

    protected static ModelException NotYet(MatFile file, string network) =>
        new(file.Name, $"weights of {network}", $"{network} is not yet supported", "import an SRCNN file");
}
