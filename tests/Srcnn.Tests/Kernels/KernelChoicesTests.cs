using Srcnn.Kernels;

namespace Srcnn.Tests.Kernels;

/// <summary>What was measured comes before the rule.</summary>
public sealed class KernelChoicesTests
{
    private const string Text = "3×3 3→8 by 2 forward: Plain 1\n5×5 32→1 weight gradient: Swapped Strip 16\n5×5 64→32 weight gradient: Tile 4×64";

    [Test]
    public void TheTextIsReadBack()
    {
        var choices = KernelChoices.Parse(Text);
        Assert.That((choices.Count, choices.ToString()), Is.EqualTo((3, Text)));
        Assert.That(KernelChoices.Parse(KernelChoices.None.ToString()).Count, Is.Zero);
        Assert.That(choices.Find(new(64, 32, 5, 1, WeightGradient: true)), Is.EqualTo(new Conv2dPlan(Conv2dVariant.Tile, 4, 64)));
        Assert.That(choices.Find(new(64, 32, 5, 1, WeightGradient: false)), Is.Null);
    }

    [TestCase("\0\u0001")]
    [TestCase("5×5 64→32 weight gradient")]
    [TestCase("5×5 64→32 sideways: Plain 1")]
    [TestCase("5×3 64→32 forward: Plain 1")]
    [TestCase("5×5 64→32 forward: Quantum 7", Description = "no such kernel")]
    [TestCase("5×5 64→32 forward: Dot 8", Description = "not with so many filters")]
    [TestCase("5×5 64→32 forward: Tile 4×65", Description = "no such size")]
    [TestCase("5×5 64→99999999999 forward: Plain 1")]
    public void AnythingElseIsRefusedAndQuoted(string line)
    {
        var e = Assert.Throws<FormatException>(() => KernelChoices.Parse($"{Text}\n{line}"))!;
        Assert.That(e.Message, Does.Contain($"'{line}'"));
    }

    [Test]
    public void ADeviceTakesItsChoicesOnEveryStreamAndElseTheRule()
    {
        using var backend = (IlgpuBackend)Require.Backend("ilgpu-cpu");
        using var stream = (IlgpuBackend)backend.OpenStream();
        Conv2dTask chosen = new(64, 32, 5, 1, WeightGradient: true), other = new(1, 64, 9, 1, WeightGradient: false);
        var rule = Conv2dPlan.For(chosen, backend.DeviceClass);
        backend.Choices = KernelChoices.Parse(Text);
        foreach (var one in (IlgpuBackend[])[backend, stream])
        {
            Assert.That(one.Plan(chosen), Is.EqualTo(new Conv2dPlan(Conv2dVariant.Tile, 4, 64)).And.Not.EqualTo(rule));
            Assert.That(one.Plan(other), Is.EqualTo(Conv2dPlan.For(other, backend.DeviceClass)));
        }
        Assert.That(backend.Choices.Beside(backend).Last(), Is.EqualTo((chosen.ToString(), "Tile 4×64", rule.ToString())));
        backend.Choices = KernelChoices.None;
        Assert.That(stream.Plan(chosen), Is.EqualTo(rule));
    }
}
