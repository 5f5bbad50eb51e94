using System.Buffers.Binary;
using System.Text;
using Srcnn.Engine.Training;
using Srcnn.Tests.Imaging;

namespace Srcnn.Tests.Training;

public sealed class EventFileTests : FolderTests
{
    /// <summary>The first record of every event file, without its time; its length and the checksum of that as TensorFlow's own writer has them.</summary>
    [Test]
    public void AFileBeginsAsTensorFlowWritesIt()
    {
        EventFile.Append(folder.File("e"), 1, [("loss", 0.5)]);
        var bytes = File.ReadAllBytes(folder.File("e"));
        Assert.That(bytes[..12], Is.EqualTo(new byte[] { 24, 0, 0, 0, 0, 0, 0, 0, 0xA3, 0x7F, 0x4B, 0x22 }));
        Assert.That(bytes[12], Is.EqualTo(0x09));
        Assert.That(Encoding.ASCII.GetString(bytes[21..36]), Is.EqualTo("\x1A\rbrain.Event:2"));
    }

    [Test]
    public void AnEventHoldsStepTagAndValue()
    {
        EventFile.Append(folder.File("e"), 300, [("loss", 0.5), ("lr", 2)]);
        var content = Records(folder.File("e"))[1][9..];
        Assert.That(content, Is.EqualTo(new byte[]
        {
            0x10, 0xAC, 0x02, 0x2A, 24,
            0x0A, 11, 0x0A, 4, (byte)'l', (byte)'o', (byte)'s', (byte)'s', 0x15, 0, 0, 0, 0x3F,
            0x0A, 9, 0x0A, 2, (byte)'l', (byte)'r', 0x15, 0, 0, 0, 0x40,
        }));
    }

    [Test]
    public void AResumedRunLeavesNoEventTwiceAndNoTornOne()
    {
        var path = folder.File("e");
        for (var step = 100; step <= 400; step += 100) EventFile.Append(path, step, [("loss", step)]);
        var whole = File.ReadAllBytes(path);
        EventFile.Truncate(path, 200);
        Assert.That(Records(path), Has.Count.EqualTo(3));
        File.WriteAllBytes(path, whole[..^3]);
        EventFile.Truncate(path, 400);
        Assert.That(Records(path), Has.Count.EqualTo(4));
        EventFile.Append(path, 400, [("loss", 4)]);
        Assert.That(Records(path), Has.Count.EqualTo(5));
    }

    private static List<byte[]> Records(string path)
    {
        var bytes = File.ReadAllBytes(path);
        List<byte[]> records = [];
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            records.Add(bytes[(at + 12)..(at + 12 + length)]);
            at += length + 16;
        }
        return records;
    }
}
