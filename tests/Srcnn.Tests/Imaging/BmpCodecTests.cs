using System.Buffers.Binary;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>Small BMP files written by hand, byte by byte.</summary>
public sealed class BmpCodecTests : FolderTests
{
    private static readonly byte[] RedGreenBlueWhite = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];

    [Test]
    public void RowsAreStoredFromBelowUnlessTheHeightIsNegative()
    {
        byte[] rows = [1, 2, 3, 4, 5, 6, 0, 0, 7, 8, 9, 10, 11, 12, 0, 0];
        ushort[] first = [3, 2, 1, 6, 5, 4], second = [9, 8, 7, 12, 11, 10];
        Assert.That(Read(Bmp(2, 2, 24, [], rows)).Samples, Is.EqualTo((ushort[])[.. second, .. first]));
        Assert.That(Read(Bmp(2, -2, 24, [], rows)).Samples, Is.EqualTo((ushort[])[.. first, .. second]));
    }

    [TestCase(1, new byte[] { 0b0100_0000, 0, 0, 0 }, new ushort[] { 255, 0, 0, 0, 255, 0, 255, 0, 0 })]
    [TestCase(4, new byte[] { 0x31, 0x20, 0, 0 }, new ushort[] { 255, 255, 255, 0, 255, 0, 0, 0, 255 })]
    [TestCase(8, new byte[] { 0, 2, 1, 0 }, new ushort[] { 255, 0, 0, 0, 0, 255, 0, 255, 0 })]
    public void PalettesAreLookedUp(int bits, byte[] row, ushort[] expected) =>
        Assert.That(Read(Bmp(3, 1, bits, RedGreenBlueWhite[..(bits == 1 ? 8 : 16)], row)).Samples, Is.EqualTo(expected));

    [Test]
    public void GreyPaletteMakesAGreyPicture()
    {
        var image = Read(Bmp(2, 1, 8, [9, 9, 9, 0, 200, 200, 200, 0], [1, 0, 0, 0]));
        Assert.That(image.Channels, Is.EqualTo(1));
        Assert.That(image.Samples, Is.EqualTo(new ushort[] { 200, 9 }));
    }

    [Test]
    public void FourthByteIsAlphaOnlyWhereAMaskSaysSo()
    {
        Assert.That(Read(Bmp(1, 1, 32, [], [3, 2, 1, 77])).Samples, Is.EqualTo(new ushort[] { 1, 2, 3 }));
        var masks = new byte[16];
        uint[] fields = [0x000000FF, 0x0000FF00, 0x00FF0000, 0xFF000000];
        for (var c = 0; c < 4; c++) BinaryPrimitives.WriteUInt32LittleEndian(masks.AsSpan(c * 4), fields[c]);
        Assert.That(Read(Bmp(1, 1, 32, masks, [1, 2, 3, 77], compression: 6)).Samples, Is.EqualTo(new ushort[] { 1, 2, 3, 77 }));
    }

    [Test]
    public void ResolutionIsKept()
    {
        var image = new Image(2, 2, 1) { Metadata = new ImageMetadata(Resolution: (11811, 5906)) };
        ImageFile.Write(folder.File("a.bmp"), image);
        Assert.That(ImageFile.Probe(folder.File("a.bmp")).Metadata.Resolution, Is.EqualTo((11811.0, 5906.0)));
    }

    [Test]
    public void AnIndexBeyondThePaletteIsRefused() =>
        Assert.That(() => Read(Bmp(1, 1, 8, RedGreenBlueWhite, [4, 0, 0, 0])),
            Throws.InstanceOf<ImageException>());

    private Image Read(byte[] bmp) => ImageFile.Read(folder.File("a.bmp", bmp));

    /// <param name="extra">What lies between the 40-byte header and the rows: palette or masks.</param>
    private static byte[] Bmp(int width, int height, int bits, byte[] extra, byte[] rows, int compression = 0)
    {
        var header = new byte[54];
        "BM"u8.CopyTo(header);
        Put(10, 54 + extra.Length);
        Put(14, 40);
        Put(18, width);
        Put(22, height);
        header[26] = 1;
        header[28] = (byte)bits;
        Put(30, compression);
        if (bits <= 8) Put(46, extra.Length / 4);
        return [.. header, .. extra, .. rows];

        void Put(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(at), value);
    }
}
