namespace Srcnn.Engine.Models;

/// <summary>A model and by what it enlarges.</summary>
/// <param name="Model">One that serves the scale.</param>
/// <param name="Scale">One of its factors.</param>
public sealed record ModelStep(ModelFile Model, int Scale);

/// <summary>The models that, one after the other, make a scale: one, as a rule.</summary>
public static class ModelChain
{
    /// <summary>The largest scale made.</summary>
    public const int MostScale = 16;

    /// <summary>What is made where nobody says, if the model can.</summary>
    public const int DefaultScale = 3;

    /// <summary>The model called <paramref name="model"/>, once or several times, or the default family's for the scale where it names a size or is null.</summary>
    /// <param name="model">As for <see cref="ModelCatalog.Resolve"/>.</param>
    /// <param name="scale">The whole factor; null takes <see cref="DefaultScale"/> where the model serves it, else its least.</param>
    /// <exception cref="UnknownModelException">No such model is shipped, or none for that scale.</exception>
    /// <exception cref="ModelException">The file is missing or broken, or makes other scales.</exception>
    public static IReadOnlyList<ModelStep> Of(string? model, int? scale) => Size(model) is { } size
        ? [.. ModelCatalog.Chain(scale ?? DefaultScale, size).Select(name => ModelCatalog.Resolve(name)).Select(file => new ModelStep(file, file.Scales.First))]
        : Of(ModelCatalog.Resolve(model!), scale, model!);

    /// <summary>The same for a model in memory; <paramref name="name"/> stands for it in messages.</summary>
    /// <exception cref="ModelException">The model makes other scales.</exception>
    public static IReadOnlyList<ModelStep> Of(ModelFile model, int? scale, string name)
    {
        var wanted = scale ?? (model.Scales.Contain(DefaultScale) ? DefaultScale : model.Scales.First);
        var factor = Root(model.Scales, wanted)
            ?? throw new ModelException(name, $"a model for scale {model.Scales}", $"expected scale {wanted}", $"ask for scale {model.Scales.First} or give a model for scale {wanted}");
        var step = new ModelStep(model, factor);
        List<ModelStep> steps = [step];
        for (var made = factor; made < wanted; made *= factor) steps.Add(step);
        return steps;
    }

    /// <summary>The smallest scale of at least <paramref name="least"/>, up to <see cref="MostScale"/>, that <see cref="Of(string?, int?)"/> makes; null where there is none.</summary>
    public static int? ScaleFor(string? model, int least)
    {
        var size = Size(model);
        var own = size is null ? ModelCatalog.Resolve(model!).Scales : null;
        for (var scale = Math.Max(1, least); scale <= MostScale; scale++)
        {
            if (own is null ? ModelCatalog.Makes(scale, size!) : Root(own, scale) is not null) return scale;
        }
        return null;
    }

    /// <summary>The size of the default family that is asked for; null where another model is.</summary>
    private static string? Size(string? model) => model is null ? ModelCatalog.DefaultSize : ModelCatalog.IsSize(model) ? model : null;

    /// <summary>The largest of the scales that makes <paramref name="wanted"/> when applied once or several times.</summary>
    private static int? Root(Scales scales, int wanted)
    {
        for (var own = wanted; own > 1; own--)
        {
            if (!scales.Contain(own)) continue;
            var made = own;
            while (made < wanted) made *= own;
            if (made == wanted) return own;
        }
        return wanted == 1 && scales.Contain(1) ? 1 : null;
    }
}
