using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Reports;
using Srcnn.Engine.Training;

namespace Srcnn.Tests.Reports;

public sealed class TrainingReportTests
{
    [Test]
    public void SeveralRunsShareTheirAxesAndAreNamed()
    {
        var page = TrainingReport.Create(Run("first", 30), Run("<second>", 31)).ToString();
        Assert.That(page, Does.Contain("2 runs").And.Contain("&lt;second&gt;").And.Not.Contain("<second>"));
        Assert.That(page.Split("<polyline").Length - 1, Is.EqualTo(6), "PSNR, loss and rate of each");
        Assert.That(page, Does.Not.Contain("http").And.Not.Contain("<script"), "nothing from elsewhere");
    }

    [Test]
    public void AResumedRunTookTheTimeOfAllItsParts()
    {
        var run = Run("resumed", 30);
        Assert.That((run with { Log = [.. run.Log, .. run.Log] }).Seconds, Is.EqualTo(2 * run.Seconds).And.EqualTo(40));
    }

    [Test]
    public void FiltersAreStretchedToTheirOwnLargestWeightTheStrongestFirst()
    {
        var network = new SrcnnConfig(3, 1, 1, 2, 1);
        var weight = new NamedTensor("conv1.weight", [2, 1, 3, 3], [0, 0, 0, 0, 1e-3f, 0, 0, 0, 0, 0, 0, 0, -2, 1, 2, 0, 0, 0]);
        var sheet = FilterSheet.Create(new ModelFile(network, 3, [weight]))!;
        Assert.That((sheet.Width, sheet.Height), Is.EqualTo((2 * 18 + 3, 18)));
        Assert.That(new[] { 0, 6, 12, 21 + 6 }.Select(x => (int)sheet.Row(9)[x]), Is.EqualTo(new[] { 1, 192, 255, 255 }));
    }

    private static ReportedRun Run(string name, double psnr) => new(
        name, new TrainingConfig(),
        [.. Enumerable.Range(1, 2).Select(i => new LogEntry(10 * i, i, 0.1 / i, psnr + i, 28, 1e-3, 100, 10 * i, [new LayerState("conv1", 0.1, 2)]))],
        null, []);
}
