using System.Reflection;

namespace Srcnn.Engine.Models;

/// <summary>The models that come with the program, trained by the project itself and embedded in this assembly.</summary>
public static class ModelCatalog
{
    private const string Prefix = "models/";

    /// <summary>The size to take where the user names nothing.</summary>
    public const string DefaultSize = "good";

    /// <summary>The sizes of the default family, which exist at every scale. The best is the good one until a larger network, compact-16-32, is trained.</summary>
    private static readonly (string Name, string Network)[] Sizes = [("fast", "compact-6-16"), (DefaultSize, "compact-7-32"), ("best", "compact-7-32")];

    private static readonly Assembly Home = typeof(ModelCatalog).Assembly;

    /// <summary>The names one can give, sorted: "srcnn-9-1-5-x3".</summary>
    public static IReadOnlyList<string> Names =>
        [.. Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>The names of the default family's sizes, the fastest first.</summary>
    public static IReadOnlyList<string> SizeNames => Array.ConvertAll(Sizes, size => size.Name);

    /// <summary>Whether a name stands for a size of the default family.</summary>
    public static bool IsSize(string name) => Array.Exists(Sizes, size => size.Name == name);

    /// <summary>The shipped model called <paramref name="nameOrPath"/>, or else the file of that name.</summary>
    /// <param name="scale">Which model a size of the default family stands for; null takes that of <see cref="ModelChain.DefaultScale"/>.</param>
    /// <exception cref="UnknownModelException">It is neither a shipped model nor anything like a file.</exception>
    /// <exception cref="ModelException">The file is missing, broken or no model.</exception>
    public static ModelFile Resolve(string nameOrPath, int? scale = null)
    {
        var name = Named(nameOrPath, scale);
        if (IsShipped(name)) return Shipped(name);
        if (IsSize(nameOrPath)) throw NotMade(scale ?? ModelChain.DefaultScale, nameOrPath);
        if (File.Exists(nameOrPath) || LooksLikeFile(nameOrPath)) return ModelFile.Load(nameOrPath);
        throw new UnknownModelException($"model '{nameOrPath}' is unknown; expected {Choices()} or the path of a model file; train one with 'srcnn train'");
    }

    /// <summary>The names of shipped models of a size that one after the other make <paramref name="scale"/>: as few as possible, the largest first.</summary>
    /// <param name="size">One of <see cref="SizeNames"/>.</param>
    /// <exception cref="UnknownModelException">There are none.</exception>
    public static IReadOnlyList<string> Chain(int scale, string size = DefaultSize) => TryChain(scale, size) ?? throw NotMade(scale, size);

    /// <summary>Whether shipped models of a size make <paramref name="scale"/>, alone or one after the other.</summary>
    public static bool Makes(int scale, string size = DefaultSize) => TryChain(scale, size) is not null;

    private static IReadOnlyList<string>? TryChain(int scale, string size)
    {
        for (var factor = scale; factor > 1; factor--)
        {
            var model = Named(size, factor);
            if (scale % factor != 0 || !IsShipped(model)) continue;
            if (factor == scale) return [model];
            if (TryChain(scale / factor, size) is { } rest) return [model, .. rest];
        }
        return null;
    }

    /// <summary>The bytes behind a name or path, for example to hash them.</summary>
    /// <param name="scale">As for <see cref="Resolve"/>.</param>
    public static Stream Open(string nameOrPath, int? scale = null)
    {
        nameOrPath = Named(nameOrPath, scale);
        return IsShipped(nameOrPath) ? Home.GetManifestResourceStream(Prefix + nameOrPath)! : ModelStream.Open(nameOrPath);
    }

    private static ModelFile Shipped(string name)
    {
        using var stream = Open(name);
        return ModelFile.Read(stream, name);
    }

    private static bool IsShipped(string name) => Home.GetManifestResourceInfo(Prefix + name) is not null;

    /// <summary>The shipped model that a size stands for at a scale; any other name as it is.</summary>
    private static string Named(string name, int? scale) =>
        Array.Find(Sizes, size => size.Name == name).Network is { } network ? $"{network}-x{scale ?? ModelChain.DefaultScale}" : name;

    private static UnknownModelException NotMade(int scale, string size)
    {
        var made = string.Join(", ", Enumerable.Range(2, ModelChain.MostScale - 1).Where(s => Makes(s, size)));
        return new($"no model '{size}' for scale {scale} is shipped; expected {(made.Length > 0 ? $"one of {made}, or " : "")}a model file; train one with 'srcnn train --scale {scale}'");
    }

    private static string Choices() => Names.Count == 0 ? "a shipped model (this build has none)" : $"one of {string.Join(", ", SizeNames.Concat(Names))}";

    private static bool LooksLikeFile(string text) =>
        text.Contains('/', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal) || Path.HasExtension(text) || Directory.Exists(text);
}

/// <summary>A shipped model was asked for that does not exist.</summary>
public sealed class UnknownModelException(string message) : ArgumentException(message);
