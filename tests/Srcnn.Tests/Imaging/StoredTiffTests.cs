using System.Buffers;
using System.Runtime.InteropServices;
using Srcnn.Engine.Imaging;
using Image = Srcnn.Engine.Imaging.Image;

namespace Srcnn.Tests.Imaging;

/// <summary>The TIFF that rows take to libvips' encoders.</summary>
public sealed class StoredTiffTests
{
    [Test]
    public void LibvipsReadsItsPixels(
        [Values(1, 2, 3, 4)] int channels, [Values(8, 16)] int bitDepth, [Values(1, 13, 3000)] int height)
    {
        var picture = Pictures.Noise(331, height, channels, bitDepth); // up to 3000 rows: one strip and several
        using var read = NetVips.Image.TiffloadBuffer(Bytes(Of(picture)), failOn: NetVips.Enums.FailOn.Warning);
        Assert.That((read.Width, read.Height, read.Bands), Is.EqualTo((331, height, channels)));
        Assert.That(read.HasAlpha(), Is.EqualTo(channels is 2 or 4));
        ushort[] samples = bitDepth == 16 ? read.WriteToMemory<ushort>() : Array.ConvertAll(read.WriteToMemory<byte>(), b => (ushort)b);
        Assert.That(samples.AsSpan().SequenceEqual(picture.Samples));
    }

    [Test]
    public void TheHeaderIsReadAgainAfterEveryRewind([Values(5, 3000)] int height)
    {
        var picture = Pictures.Noise(331, height, 3);
        var expected = Bytes(Of(picture));
        var tiff = Of(picture);
        var length = expected.Length;
        Assert.That(tiff.Seek(0, SeekOrigin.End), Is.EqualTo(length));
        for (var rewind = 0; rewind < 2; rewind++)
        {
            Assert.That(tiff.Seek(0, SeekOrigin.Begin), Is.Zero);
            var start = new byte[50];
            Assert.That(tiff.Read(start), Is.EqualTo(50));
            Assert.That(start, Is.EqualTo(expected[..50]));
            Assert.That(tiff.Seek(-20, SeekOrigin.Current), Is.EqualTo(30));
        }
        tiff.Seek(0, SeekOrigin.Begin);
        Assert.That(Bytes(tiff), Is.EqualTo(expected));
    }

    [Test]
    public void OnlyTheNextRowCanBeRead()
    {
        var picture = Pictures.Noise(331, 13, 3);
        var tiff = Of(picture);
        var all = Bytes(tiff);
        var buffer = new byte[16];
        Assert.That(tiff.Read(buffer), Is.Zero, "the end");
        tiff.Seek(all.Length - 331, SeekOrigin.Begin);
        Assert.That(tiff.Read(buffer), Is.Negative, "a row that has gone");
        tiff = Of(picture);
        tiff.Seek(all.Length - 331, SeekOrigin.Begin);
        Assert.That(tiff.Read(buffer), Is.Negative, "a row yet to come");
        tiff.Seek(all.Length + 10, SeekOrigin.Begin);
        Assert.That(tiff.Read(buffer), Is.Zero, "behind the end");
    }

    [Test]
    public void AnAbortIsAnError()
    {
        var pipe = new RowPipe();
        pipe.EndOfWriting(abort: true);
        var tiff = new StoredTiff(pipe, Pictures.Noise(5, 5, 1).Info, 8);
        var buffer = new byte[4096];
        Assert.That(tiff.Read(buffer), Is.Positive, "the header");
        Assert.That(tiff.Read(buffer), Is.Negative);
    }

    /// <summary>With all rows waiting in its pipe.</summary>
    private static StoredTiff Of(Image picture)
    {
        var samples = picture.Samples.AsSpan();
        var bytes = picture.BitDepth / 8 * samples.Length;
        var block = ArrayPool<byte>.Shared.Rent(bytes);
        if (picture.BitDepth == 16) MemoryMarshal.AsBytes(samples).CopyTo(block);
        else Depth.To8(samples, 8, block);
        var pipe = new RowPipe();
        pipe.Write(block, bytes);
        pipe.EndOfWriting(abort: false);
        return new StoredTiff(pipe, picture.Info, picture.BitDepth);
    }

    private static byte[] Bytes(StoredTiff tiff)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[777];
        for (int count; (count = tiff.Read(buffer)) != 0;)
        {
            Assert.That(count, Is.Positive);
            bytes.Write(buffer, 0, count);
        }
        return bytes.ToArray();
    }
}
