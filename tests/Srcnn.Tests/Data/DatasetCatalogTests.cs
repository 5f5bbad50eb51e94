using Srcnn.Engine.Data;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Data;

public sealed class DatasetCatalogTests : FolderTests
{
    private string CopyOfSet5()
    {
        foreach (var file in Directory.GetFiles(Require.Data("data", "Set5")))
            File.WriteAllBytes(folder.File(Path.GetFileName(file)), File.ReadAllBytes(file));
        return folder.Path;
    }

    [Test]
    public void TheCatalogNamesTheSetsOfThePapers()
    {
        var sets = DatasetCatalog.List();
        Assert.That(sets.Select(s => (s.Name, s.Files.Count)), Is.EqualTo(new[] { ("T91", 91), ("General-100", 100), ("BSD200-train", 200), ("Set5", 5), ("Set14", 14) }));
        Assert.That(sets.SelectMany(s => s.Files).Select(f => f.Sha256), Has.All.Match("^[0-9a-f]{64}$"));
        Assert.That(sets.Select(s => s.Origin), Has.All.StartsWith("http"));
    }

    [TestCase("Set5")]
    [TestCase("Set14")]
    [TestCase("T91")]
    [TestCase("General-100")]
    [TestCase("BSD200-train")]
    public void AWholeSetIsRecognised(string name)
    {
        var check = DatasetCatalog.Check(Require.Data("data", name));
        Assert.That(check.Dataset?.Name, Is.EqualTo(name));
        Assert.That(check.IsExact, Is.True);
    }

    [Test]
    public void MissingAlteredExtraAndBrokenFilesAreListed()
    {
        CopyOfSet5();
        File.Delete(folder.File("baby_GT.bmp"));
        File.AppendAllText(folder.File("bird_GT.bmp"), "x");
        File.Move(folder.File("head_GT.bmp"), folder.File("renamed.bmp"));
        File.WriteAllText(folder.File("holiday.JPG"), "not ours");
        File.WriteAllText(folder.File("notes.txt"), "not a picture");
        File.WriteAllText(folder.File("woman_GT.bmp"), "");
        var check = DatasetCatalog.Check(folder.Path);
        Assert.That(check.Dataset?.Name, Is.EqualTo("Set5"));
        Assert.That(check.Matching, Is.EquivalentTo(new[] { "butterfly_GT.bmp", "renamed.bmp" }));
        Assert.That(check.Missing, Is.EqualTo(new[] { "baby_GT.bmp" }));
        Assert.That(check.Altered, Is.EqualTo(new[] { "bird_GT.bmp" }));
        Assert.That(check.Extra, Is.EqualTo(new[] { "holiday.JPG" }));
        Assert.That(check.Broken, Is.EqualTo(new[] { ("woman_GT.bmp", "the file is empty") }));
        Assert.That(check.IsExact, Is.False);
    }

    [Test]
    public void AnAlteredSetIsRecognisedByItsNames()
    {
        foreach (var file in DatasetCatalog.List()[3].Files) File.WriteAllText(folder.File(file.Name), "other pixels");
        var check = DatasetCatalog.Check(folder.Path);
        Assert.That(check.Dataset?.Name, Is.EqualTo("Set5"));
        Assert.That(check.Altered, Has.Count.EqualTo(5));
    }

    [Test]
    public void AFolderOfOtherPicturesIsNoSet()
    {
        File.WriteAllText(folder.File("lenna.bmp"), "one name alone proves nothing");
        File.WriteAllText(folder.File("bad.png"), "broken");
        var check = DatasetCatalog.Check(folder.Path, path => path.EndsWith("bad.png", StringComparison.Ordinal) ? "cut short" : null);
        Assert.That(check.Dataset, Is.Null);
        Assert.That(check.Extra, Is.EqualTo(new[] { "lenna.bmp" }));
        Assert.That(check.Broken, Is.EqualTo(new[] { ("bad.png", "cut short") }));
    }

    [Test]
    public void AMissingFolderSaysSo() => Assert.That(() => DatasetCatalog.Check(folder.File("absent")), Throws.InstanceOf<DirectoryNotFoundException>());
}
