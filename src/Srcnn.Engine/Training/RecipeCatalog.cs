using System.Reflection;

namespace Srcnn.Engine.Training;

/// <summary>The training configurations of <c>data/recipes</c>, embedded in this assembly. One named as a shipped model made that model.</summary>
public static class RecipeCatalog
{
    private const string Prefix = "recipes/";

    private static readonly Assembly Home = typeof(RecipeCatalog).Assembly;

    /// <summary>The names one can give, sorted: "srcnn-9-1-5-x3", "srcnn-9-1-5-x3-quick".</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. Home.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)).Select(n => n[Prefix.Length..]).Order(StringComparer.Ordinal)];

    /// <summary>The recipe called <paramref name="name"/>.</summary>
    /// <exception cref="UnknownRecipeException">There is none of that name.</exception>
    public static TrainingConfig Read(string name)
    {
        if (!Names.Contains(name)) throw new UnknownRecipeException($"recipe '{name}' is unknown; expected one of {string.Join(", ", Names)}; give a file with --config");
        using var reader = new StreamReader(Home.GetManifestResourceStream(Prefix + name)!);
        return TrainingConfig.FromJson(reader.ReadToEnd(), name);
    }

    /// <summary>The best configuration known for the network, channels and scale of <paramref name="wanted"/>: their own recipe, else that of another scale or a sister network.</summary>
    public static TrainingConfig For(TrainingConfig wanted)
    {
        var network = wanted.Channels == 1 ? wanted.Network : $"{wanted.Network}-rgb";
        var family = wanted.Network.Split('-')[0];
        var name = Names.FirstOrDefault(n => n == $"{network}-x{wanted.Scale}")
            ?? Names.FirstOrDefault(n => n.StartsWith($"{network}-x", StringComparison.Ordinal))
            ?? Names.Where(n => n == family || n.StartsWith($"{family}-", StringComparison.Ordinal))
                .MaxBy(n => (n.Contains("-rgb-", StringComparison.Ordinal) == (wanted.Channels == 3), n.EndsWith($"-x{wanted.Scale}", StringComparison.Ordinal)));
        return name is null ? wanted : Read(name) with { Network = wanted.Network, Channels = wanted.Channels, Scale = wanted.Scale, Scales = wanted.Scales };
    }
}

/// <summary>A recipe was asked for that does not exist.</summary>
public sealed class UnknownRecipeException(string message) : ArgumentException(message);
