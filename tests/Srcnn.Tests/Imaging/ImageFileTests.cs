using System.Runtime.Loader;
using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

public sealed class ImageFileTests : FolderTests
{
    [Test]
    public void LosslessFormatsGiveBackWhatWasWritten(
        [Values("a.png", "a.tif")] string name, [Values(1, 2, 3, 4)] int channels, [Values(8, 16)] int bitDepth) =>
        RoundTrip(name, Pictures.Noise(37, 23, channels, bitDepth));

    [TestCase(3)]
    [TestCase(4)]
    public void WebPIsLosslessUnlessAQualityIsGiven(int channels) => RoundTrip("a.webp", Pictures.Noise(37, 23, channels));

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(4)]
    public void BmpGivesBackWhatWasWritten(int channels) => RoundTrip("a.bmp", Pictures.Noise(37, 23, channels));

    [Test]
    public void PnmAndTgaGiveBackWhatWasWritten([Values(1, 3)] int channels)
    {
        RoundTrip("a.ppm", Pictures.Noise(37, 23, channels));
        RoundTrip("a.ppm", Pictures.Noise(37, 23, channels, 16));
        File.Delete(folder.File("a.ppm"));
        RoundTrip("a.tga", Pictures.Noise(37, 23, channels));
        RoundTrip("a.tga", Pictures.Noise(37, 23, 4));
    }

    [TestCase("a.png", 1, 1)]
    [TestCase("a.tif", 1, 9)]
    [TestCase("a.bmp", 9, 1)]
    [TestCase("a.webp", 1, 1)]
    public void SmallestPicturesPass(string name, int width, int height) => RoundTrip(name, Pictures.Noise(width, height, 3));

    [TestCase("a.jpg", 3)]
    [TestCase("a.jpg", 1)]
    [TestCase("a.webp", 3)]
    public void LossyFormatsStayClose(string name, int channels)
    {
        var image = Pictures.Ramp(64, 48, channels);
        ImageFile.Write(folder.File(name), image, quality: 95);
        var read = ImageFile.Read(folder.File(name));
        Assert.That(read.Channels, Is.EqualTo(channels));
        var worst = image.Samples.Zip(read.Samples, (a, b) => Math.Abs(a - b)).Max();
        Assert.That(worst, Is.InRange(1, 8));
    }

    [TestCase("a.jpg")]
    [TestCase("a.bmp")]
    [TestCase("a.webp")]
    public void SixteenBitIsRoundedWhereTheFormatHoldsEight(string name)
    {
        var image = new Image(16, 16, 3, 16);
        Array.Fill(image.Samples, (ushort)(100 * 257 + 129)); // nearer to 101 than to 100
        ImageFile.Write(folder.File(name), image);
        Assert.That(ImageFile.Read(folder.File(name)).Samples, Is.All.EqualTo(101));
    }

    [Test]
    public void ContentDecidesNotTheName()
    {
        var image = Pictures.Noise(8, 8, 3);
        ImageFile.Write(folder.File("really-a-png.jpg"), image, ImageFormat.Png);
        Assert.That(ImageFile.Probe(folder.File("really-a-png.jpg")).Format, Is.EqualTo(ImageFormat.Png));
        Assert.That(ImageFile.Read(folder.File("really-a-png.jpg")).Samples, Is.EqualTo(image.Samples));
    }

    [TestCase("Größe – 大きさ.png")]
    [TestCase("a[page=1].png")]
    [TestCase("-a b.tif")]
    public void OddNamesPass(string name) => RoundTrip(name, Pictures.Noise(5, 4, 3));

    [Test]
    public void MoreThanTheAllowedPixelsAreRefused([Values("a.png", "a.jpg", "a.webp", "a.tif", "a.bmp")] string name)
    {
        ImageFile.Write(folder.File(name), Pictures.Ramp(20, 10, 3));
        Assert.That(ImageFile.Read(folder.File(name), maxPixels: 200).Width, Is.EqualTo(20));
        var error = Assert.Throws<ImageException>(() => ImageFile.Read(folder.File(name), maxPixels: 199));
        Assert.That(error!.Message, Does.Contain(name).And.Contain("20×10").And.Contain("199"));
        Assert.That(ImageFile.Probe(folder.File(name)).Pixels, Is.EqualTo(200));
    }

    [Test]
    public void RowsCanBeReadAndWrittenInAnyPortions([Values("a.png", "a.jpg", "a.webp", "a.tif", "a.bmp")] string name)
    {
        var image = Pictures.Ramp(31, 300, 3);
        ImageFile.Write(folder.File("whole" + name), image);
        using (var writer = ImageFile.Create(folder.File(name), ImageFile.Probe(folder.File("whole" + name))))
        {
            for (int y = 0, rows = 1; y < image.Height; y += rows, rows = Math.Min(rows * 2, image.Height - y))
                writer.WriteRows(image.Samples.AsSpan(y * 31 * 3, rows * 31 * 3));
            writer.Complete();
        }
        Assert.That(File.ReadAllBytes(folder.File(name)), Is.EqualTo(File.ReadAllBytes(folder.File("whole" + name))));

        var expected = ImageFile.Read(folder.File(name)).Samples;
        using var reader = ImageFile.Open(folder.File(name));
        var buffer = new ushort[31 * 3 * 7 + 5];
        List<ushort> all = [];
        for (int rows; (rows = reader.ReadRows(buffer)) > 0;) all.AddRange(buffer.AsSpan(0, rows * 31 * 3));
        Assert.That(all, Is.EqualTo(expected));
    }

    [Test]
    public void AnUnfinishedWriterLeavesTheOldFileAndNothingElse([Values("a.png", "a.jpg", "a.webp", "a.tif", "a.bmp")] string name)
    {
        folder.File(name, [1, 2, 3]);
        var info = new ImageInfo(ImageFormats.FromExtension(name)!.Value, 50, 40, 3, 8, ImageMetadata.Empty);
        using (var writer = ImageFile.Create(folder.File(name), info))
            writer.WriteRows(new ushort[50 * 3 * 20]);
        using (var writer = ImageFile.Create(folder.File(name), info))
        {
            writer.WriteRows(new ushort[50 * 3 * 20]);
            Assert.That(writer.Complete, Throws.InstanceOf<ImageException>().Or.InstanceOf<InvalidOperationException>(), "half the rows are missing");
        }
        Assert.That(File.ReadAllBytes(folder.File(name)), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(folder.Names(), Is.EqualTo(new[] { name }));
    }

    [TestCase("a.jpg", 2)]
    [TestCase("a.jpg", 4)]
    [TestCase("a.bmp", 2)]
    public void AlphaIsNeverDroppedSilently(string name, int channels)
    {
        var error = Assert.Throws<ImageException>(() => ImageFile.Write(folder.File(name), Pictures.Noise(4, 4, channels)));
        Assert.That(error!.Message, Does.Contain("alpha"));
        Assert.That(folder.Names(), Is.Empty);
    }

    [Test]
    public void TheFileSystemSpeaksForItself()
    {
        var blocker = folder.File("file", []);
        Assert.That(() => ImageFile.Read(folder.File("missing.png")), Throws.InstanceOf<IOException>());
        Assert.That(() => ImageFile.Write(Path.Combine(blocker, "a.png"), Pictures.Noise(4, 4, 3)), Throws.InstanceOf<IOException>());
        Assert.That(() => ImageFile.Write(folder.File("a.xyz"), Pictures.Noise(4, 4, 3)), Throws.InstanceOf<ImageException>());
    }

    [Test]
    public void BmpNeedsNoLibvips()
    {
        ImageFile.Write(folder.File("a.bmp"), Pictures.Noise(4, 4, 3));
        var assembly = typeof(ImageFile).Assembly.Location;
        var context = new Fresh(new AssemblyDependencyResolver(assembly));
        var probe = context.LoadFromAssemblyPath(assembly).GetType(typeof(ImageFile).FullName!)!.GetMethod("Read", [typeof(string), typeof(long)])!;
        probe.Invoke(null, [folder.File("a.bmp"), ImageFile.DefaultMaxPixels]);
        Assert.That(context.Assemblies.Select(a => a.GetName().Name), Has.Member("SixLabors.ImageSharp").And.No.Member("NetVips"));
    }

    [Test]
    public void SixteenBitPnmHasItsHighByteFirst()
    {
        ImageFile.Write(folder.File("a.ppm"), new Image(1, 1, 3, 16, [0x1234, 0xABCD, 0x00FF]));
        Assert.That(File.ReadAllBytes(folder.File("a.ppm"))[^6..], Is.EqualTo(new byte[] { 0x12, 0x34, 0xAB, 0xCD, 0x00, 0xFF }));
    }

    /// <summary>Loads whatever is asked for itself, so that it can be seen.</summary>
    private sealed class Fresh(AssemblyDependencyResolver resolver) : AssemblyLoadContext("fresh", isCollectible: true)
    {
        protected override System.Reflection.Assembly? Load(System.Reflection.AssemblyName name) =>
            resolver.ResolveAssemblyToPath(name) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    private void RoundTrip(string name, Image image)
    {
        ImageFile.Write(folder.File(name), image);
        var read = ImageFile.Read(folder.File(name));
        Assert.That((read.Width, read.Height, read.Channels, read.BitDepth),
            Is.EqualTo((image.Width, image.Height, image.Channels, image.BitDepth)));
        Assert.That(read.Samples, Is.EqualTo(image.Samples));
        Assert.That(folder.Names(), Is.EqualTo(new[] { name }));
    }
}
