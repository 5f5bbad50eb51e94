using System.Reflection;

namespace Srcnn.Engine.Models;

/// <summary>The models that come with the program, trained by the project itself and embedded in this assembly.</summary>
public static class ModelCatalog
{
    private const string Prefix = "models/";

    private static readonly Assembly Home = typeof(ModelCatalog).Assembly;

    /// <summary>The names one can give, sorted: "srcnn-9-1-5-x3".</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>The shipped model called <paramref name="nameOrPath"/>, or else the file of that name.</summary>
    /// <exception cref="UnknownModelException">It is neither a shipped model nor anything like a file.</exception>
    /// <exception cref="ModelException">The file is missing, broken or no model.</exception>
    public static ModelFile Resolve(string nameOrPath)
    {
        if (Names.Contains(nameOrPath)) return Shipped(nameOrPath);
        if (File.Exists(nameOrPath) || LooksLikeFile(nameOrPath)) return ModelFile.Load(nameOrPath);
        throw new UnknownModelException($"model '{nameOrPath}' is unknown; expected {Choices()} or the path of a model file; train one with 'srcnn train'");
    }

    /// <summary>The name of the best shipped model for <paramref name="scale"/>, by the PSNR it recorded.</summary>
    /// <exception cref="UnknownModelException">None is shipped for that scale.</exception>
    public static string ForScale(int scale) =>
        Names.Where(n => n.EndsWith($"-x{scale}", StringComparison.Ordinal)).MaxBy(Psnr)
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
            if (scale % factor != 0 || !Names.Any(n => n.EndsWith($"-x{factor}", StringComparison.Ordinal))) continue;
            if (factor == scale) return [ForScale(scale)];
            if (TryChain(scale / factor) is { } rest) return [ForScale(factor), .. rest];
        }
        return null;
    }

    /// <summary>The bytes behind a name or path, for example to hash them.</summary>
    public static Stream Open(string nameOrPath) => Names.Contains(nameOrPath) ? Home.GetManifestResourceStream(Prefix + nameOrPath)! : ModelStream.Open(nameOrPath);

    private static ModelFile Shipped(string name)
    {
        using var stream = Open(name);
        return ModelFile.Read(stream, name);
    }

    private static double Psnr(string name)
    {
        using var stream = Open(name);
        return ModelFile.RecordedPsnr(SafetensorsFile.ReadMetadata(stream, name)) ?? 0;
    }

    private static string Choices() => Names.Count == 0 ? "a shipped model (this build has none)" : $"one of {string.Join(", ", Names)}";

    private static bool LooksLikeFile(string text) =>
        text.Contains('/', StringComparison.Ordinal) || text.Contains('\\', StringComparison.Ordinal) || Path.HasExtension(text) || Directory.Exists(text);
}

/// <summary>A shipped model was asked for that does not exist.</summary>
public sealed class UnknownModelException(string message) : ArgumentException(message);
