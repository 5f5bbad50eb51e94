using System.Text;
using Srcnn.Engine.Files;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Files;

public sealed class AtomicFileTests : FolderTests
{
    [Test]
    public void TheFileHoldsWhatWasWrittenAndNothingElseIsLeft()
    {
        var path = folder.File("model.bin");
        AtomicFile.Write(path, s => s.Write("first"u8));
        AtomicFile.Write(path, s => s.Write("2nd"u8));
        Assert.That(File.ReadAllText(path), Is.EqualTo("2nd"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void AFailureWhileWritingLeavesTheOldFileAndNoTemporary()
    {
        var path = folder.File("model.bin");
        File.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, s =>
        {
            s.Write(Encoding.UTF8.GetBytes("half of the new"));
            throw new InvalidOperationException();
        }));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public void AParentThatIsAFileIsAnIOException()
    {
        var file = folder.File("file");
        File.WriteAllText(file, "");
        Assert.That(() => AtomicFile.Write(Path.Combine(file, "model.bin"), _ => { }), Throws.InstanceOf<IOException>());
    }

    [Test]
    public void AFolderInThePlaceOfTheFileStaysAndNoTemporaryIsLeft()
    {
        var path = folder.File("taken");
        Directory.CreateDirectory(path);
        Assert.That(() => AtomicFile.Write(path, s => s.WriteByte(1)), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(Directory.GetFileSystemEntries(folder.Path), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void ANameOfTheGreatestLengthIsWritten()
    {
        var path = folder.File(new string('n', 255));
        AtomicFile.Write(path, s => s.WriteByte(1));
        Assert.That(new FileInfo(path).Length, Is.EqualTo(1));
    }

    [Test]
    public void UnfinishedFilesOfTheLivingStay()
    {
        using var living = new UnfinishedFile(folder.File("living"));
        folder.File(".srcnn-dead.tmp", [1]);
        folder.File(".other.tmp", [1]);
        UnfinishedFile.RemoveLeftovers(folder.Path);
        Assert.That(folder.Names(), Has.Length.EqualTo(2).And.Contains(".other.tmp").And.Not.Contains(".srcnn-dead.tmp"));
        living.Stream.WriteByte(1);
        living.Finish();
        Assert.That(folder.Names(), Is.EqualTo(new[] { ".other.tmp", "living" }));
    }

    [Test]
    public void StreamsOfTheLivingStayToo()
    {
        var dead = Directory.CreateDirectory(folder.File("srcnn-stream-dead")).FullName;
        foreach (var name in (string[])["lock", "standard-input"]) File.WriteAllText(Path.Combine(dead, name), "");
        var begun = Directory.CreateDirectory(folder.File("srcnn-stream-begun")).FullName;
        var living = Directory.CreateDirectory(folder.File("srcnn-stream-living")).FullName;
        using var alive = new FileStream(Path.Combine(living, "lock"), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        TemporaryFile.RemoveLeftovers(folder.Path);
        Assert.That(Directory.GetDirectories(folder.Path), Is.EquivalentTo(new[] { begun, living }));
    }

    [Test]
    [Platform(Exclude = "Win")]
    public void ASymbolicLinkStaysAndItsTargetIsReplaced()
    {
        var target = folder.File("target");
        var link = folder.File("link");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);
        AtomicFile.Write(link, s => s.Write("new"u8));
        Assert.That(File.ReadAllText(target), Is.EqualTo("new"));
        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo(target));
    }
}
