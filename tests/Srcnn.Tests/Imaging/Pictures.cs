using Srcnn.Engine.Imaging;

namespace Srcnn.Tests.Imaging;

/// <summary>Generated pictures, and a folder for the files of one test.</summary>
internal static class Pictures
{
    /// <summary>Uniform noise: nothing a codec does to it goes unnoticed.</summary>
    public static Image Noise(int width, int height, int channels, int bitDepth = 8, int seed = 1)
    {
        var random = new Random(seed);
        var image = new Image(width, height, channels, bitDepth);
        for (var i = 0; i < image.Samples.Length; i++) image.Samples[i] = (ushort)random.Next(image.MaxSample + 1);
        return image;
    }

    /// <summary>Gradients that differ by channel and direction: no rotation or mirror image of it is itself.</summary>
    public static Image Ramp(int width, int height, int channels, int bitDepth = 8)
    {
        var image = new Image(width, height, channels, bitDepth);
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
        for (var c = 0; c < channels; c++)
            image.Samples[(y * width + x) * channels + c] =
                (ushort)((0.1 + 0.6 * x / width + 0.3 * y / height * (c + 1) / channels) * image.MaxSample);
        return image;
    }

    /// <summary>An 8-bit picture as libvips', for what only that writes.</summary>
    public static NetVips.Image Vips(Image image) => NetVips.Image.NewFromMemoryCopy<byte>(
        Array.ConvertAll(image.Samples, s => (byte)s), image.Width, image.Height, image.Channels, NetVips.Enums.BandFormat.Uchar)
        .Copy(interpretation: image.Channels == 1 ? NetVips.Enums.Interpretation.Bw : NetVips.Enums.Interpretation.Srgb);
}

/// <summary>A folder of its own under the system's temporary one, gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("srcnn-");

    public string Path => folder.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string File(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    public string[] Names() => [.. folder.EnumerateFileSystemInfos().Select(f => f.Name).Order()];

    public void Dispose() => folder.Delete(recursive: true);
}

/// <summary>Tests with a folder of its own for each.</summary>
public abstract class FolderTests
{
    private protected TemporaryFolder folder = null!;

    [SetUp]
    public void MakeFolder() => folder = new TemporaryFolder();

    [TearDown]
    public void RemoveFolder() => folder?.Dispose();
}
