using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>Readers and writers that change rows on their way.</summary>
public sealed class ReaderTests : FolderTests
{
    [Test]
    public void AlphaIsMixedWithTheBackground()
    {
        // By hand: 200 over 10 at 128/255 is (200·128 + 10·127)/255 = 105.4; 0 over 255 at 64/255 is 191; 3 over 0 at 128/255 is 1.506.
        var picture = new Image(2, 1, 4, 8, [200, 0, 7, 128, 0, 0, 0, 0]);
        Assert.That(Flat(picture, 10, 255, 7), Is.EqualTo(new[] { 105, 127, 7, 10, 255, 7 }));
        Assert.That(Flat(new Image(2, 1, 2, 8, [0, 64, 9, 255]), 255, 255, 255), Is.EqualTo(new[] { 191, 9 }), "grey on grey stays grey");
        Assert.That(Flat(new Image(1, 1, 2, 8, [3, 128]), 0, 0, 0), Is.EqualTo(new[] { 2 }));
        Assert.That(Flat(new Image(1, 1, 2, 8, [100, 0]), 1, 2, 3), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(Flat(new Image(1, 1, 4, 16, [65535, 0, 0, 32768]), 0, 0, 255), Is.EqualTo(new[] { 32768, 0, 32767 }));
        Assert.That(() => Flat(new Image(1, 1, 3), 0, 0, 0), Throws.ArgumentException);
    }

    [Test]
    public void APictureGoesOnAtTheOtherSide()
    {
        var picture = new Image(3, 2, 1, 8, [1, 2, 3, 4, 5, 6]);
        using (var reader = Open(picture))
        using (var sideways = new WrappingReader(reader, 4, vertically: false))
            Assert.That(ImageFile.ReadAll(sideways).Samples, Is.EqualTo(new[] { 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 6, 4, 5, 6, 4, 5, 6, 4, 5, 6, 4 }));
        using (var reader = Open(picture))
        using (var around = new WrappingReader(reader, 1, vertically: true))
            Assert.That(ImageFile.ReadAll(around).Samples, Is.EqualTo(new[] { 6, 4, 5, 6, 4, 3, 1, 2, 3, 1, 6, 4, 5, 6, 4, 3, 1, 2, 3, 1 }));
    }

    [Test]
    public void WhatLiesAroundIsLeftOut()
    {
        var picture = new Image(4, 3, 1, 8, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
        using var kept = new KeepingWriter(); // a file's writer would not mind rows too many
        using var writer = new CroppingWriter(kept, new ImageInfo(ImageFormat.Png, 4, 3, 1, 8, ImageMetadata.Empty), 1, 1);
        writer.WriteRows(picture.Samples.AsSpan(0, 4));
        writer.WriteRows(picture.Samples.AsSpan(4));
        writer.Complete();
        Assert.That(kept.Samples, Is.EqualTo(new[] { 5, 6 }));
        Assert.That(kept.IsComplete);
    }

    private sealed class KeepingWriter : IImageWriter
    {
        public List<ushort> Samples { get; } = [];

        public bool IsComplete { get; private set; }

        public void WriteRows(ReadOnlySpan<ushort> rows) => Samples.AddRange(rows);

        public void Complete() => IsComplete = true;

        public void Dispose()
        {
        }
    }

    private ushort[] Flat(Image picture, byte red, byte green, byte blue)
    {
        using var reader = Open(picture);
        using var flat = new FlatteningReader(reader, red, green, blue);
        return ImageFile.ReadAll(flat).Samples;
    }

    private IImageReader Open(Image picture)
    {
        ImageFile.Write(folder.File("in.png"), picture);
        return ImageFile.Open(folder.File("in.png"));
    }
}
