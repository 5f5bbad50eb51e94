using System.Reflection;

namespace Srcnn.Engine.Models;

/// <summary>The models that come with the program, trained by the project itself and embedded in this assembly.</summary>
public static class ModelCatalog
{
    private const string Prefix = "models/";

    /// <summary>What to take where the user names nothing: the best on Set5 among those that enlarge a photograph in seconds on two cores.</summary>
    private static readonly string[] Preferred = ["fsrcnn", "srcnn-9-5-5", "srcnn-9-1-5"];

    private static readonly Assembly Home = typeof(ModelCatalog).Assembly;

    /// <summary>The names one can give, sorted: "srcnn-9-1-5-x3".</summary>
    public static IReadOnlyList<string> Names =>
        [.. Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>The shipped model called <paramref name="nameOrPath"/>, or else the file of that name.</summary>
    /// <exception cref="UnknownModelException">It is neither a shipped model nor anything like a file.</exception>
    /// <exception cref="ModelException">The file is missing, broken or no model.</exception>
    public static ModelFile Resolve(string nameOrPath)
    {
        if (IsShipped(nameOrPath)) return Shipped(nameOrPath);
        if (File.Exists(nameOrPath) || LooksLikeFile(nameOrPath)) return ModelFile.Load(nameOrPath);
        throw new UnknownModelException($"model '{nameOrPath}' is unknown; expected {Choices()} or the path of a model file; train one with 'srcnn train'");
    }

    /// <summary>The name of the shipped model to take for <paramref name="scale"/> where none is named.</summary>
    /// <exception cref="UnknownModelException">None is shipped for that scale.</exception>
    public static string ForScale(int scale) => Default(scale)
        ?? throw new UnknownModelException($"no model for scale {scale} is shipped; expected --model with a model file, or the scale of {Choices()}; train one with 'srcnn train --scale {scale}'");

    /// <summary>The names of shipped models that one after the other make <paramref name="scale"/>: as few as possible, the largest first.</summary>
    /// <exception cref="UnknownModelException">There are none.</exception>
    public static IReadOnlyList<string> Chain(int scale) => TryChain(scale) ?? [ForScale(scale)];

    /// <summary>Whether shipped models make <paramref name="scale"/>, alone or one after the other.</summary>
    public static bool Makes(int scale) => TryChain(scale) is not null;

    private static IReadOnlyList<string>? TryChain(int scale)
    {
        for (var factor = scale; factor > 1; factor--)
        {
            if (scale % factor != 0 || Default(factor) is not { } model) continue;
            if (factor == scale) return [model];
            if (TryChain(scale / factor) is { } rest) return [model, .. rest];
        }
        return null;
    }

    /// <summary>The bytes behind a name or path, for example to hash them.</summary>
    public static Stream Open(string nameOrPath) => IsShipped(nameOrPath) ? Home.GetManifestResourceStream(Prefix + nameOrPath)! : ModelStream.Open(nameOrPath);

    private static ModelFile Shipped(string name)
    {
        using var stream = Open(name);
        return ModelFile.Read(stream, name);
    }

    private static bool IsShipped(string name) => Home.GetManifestResourceInfo(Prefix + name) is not null;

    private static string? Default(int scale) => Array.ConvertAll(Preferred, network => $"{network}-x{scale}").FirstOrDefault(IsShipped);

    private static string Choices() => Names.Count == 0 ? "a shipped model (this build has none)" : $"one of {string.Join(", ", Names)}";

    private static bool LooksLikeFile(string text) =>
        text.Contains('/', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal) || Path.HasExtension(text) || Directory.Exists(text);
}

/// <summary>A shipped model was asked for that does not exist.</summary>
public sealed class UnknownModelException(string message) : ArgumentException(message);
