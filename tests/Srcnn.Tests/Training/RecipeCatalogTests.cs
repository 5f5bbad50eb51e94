using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Tests.Training;

public sealed class RecipeCatalogTests
{
    [TestCaseSource(typeof(RecipeCatalog), nameof(RecipeCatalog.Names))]
    public void EveryRecipeCanBeTrainedAndIsNamedAfterWhatItTrains(string name)
    {
        var config = RecipeCatalog.Read(name);
        config.Validate();
        using var backend = new ReferenceBackend();
        using var learner = new Learner(config, backend);
        Assert.That(name, Does.StartWith($"{config.Network}{(config.Channels == 3 ? "-rgb" : "")}{(config.Scales.Count > 0 ? "" : $"-x{config.Scale}")}"));
        Assert.That(config.Data.Concat(config.Val), Is.Empty, "the pictures are the user's");
    }

    [TestCase("srcnn-9-5-5", 1, 2, "srcnn-9-5-5-x2")]
    [TestCase("srcnn-9-1-5", 3, 3, "srcnn-9-1-5-rgb-x3")]
    [TestCase("srcnn-9-5-5", 1, 8, "srcnn-9-5-5-x2", Description = "a scale without one of its own")]
    [TestCase("srcnn-9-3-5", 1, 3, "srcnn-9-1-5-x3", Description = "a sister network's")]
    [TestCase("fsrcnn-32-5-1", 1, 2, "fsrcnn-x2", Description = "a sister network's")]
    [TestCase("vdsr", 1, 3, "vdsr", Description = "one for several scales")]
    public void TheBestKnownRecipeIsTheDefault(string network, int channels, int scale, string expected)
    {
        var found = RecipeCatalog.For(new TrainingConfig { Network = network, Channels = channels, Scale = scale });
        Assert.That(found.ToJson(), Is.EqualTo((RecipeCatalog.Read(expected) with { Network = network, Channels = channels, Scale = scale, Scales = [] }).ToJson()));
    }

    [TestCase("""{ "network": "srresnet" }""", 3)]
    [TestCase("""{ "network": "srresnet", "channels": 1 }""", 1)]
    [TestCase("""{ "network": "compact-7-32" }""", 1)]
    [TestCase("""{ "network": "no such network" }""", 1, Description = "told by who makes it")]
    public void WhereNobodySaysANetworkTrainsOnItsOwnColors(string json, int expected) =>
        Assert.That(TrainingConfig.FromJson(json, "c.json").Channels, Is.EqualTo(expected));

    [Test]
    public void AnUnknownNameIsToldTheKnownOnes() =>
        Assert.That(() => RecipeCatalog.Read("srcnn"), Throws.TypeOf<UnknownRecipeException>().With.Message.Contains("srcnn-9-1-5-x3-quick"));
}
